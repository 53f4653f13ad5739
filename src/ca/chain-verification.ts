/**
 * Models the check of a peer's certificate chain against trusted roots, with OpenSSL's reasons.
 *
 * Spec: RFC 5280, section 6; X509_verify_cert of BoringSSL with partial chains, as Envoy sets it.
 * Simplified: no name constraints, policies, path lengths or revocation. Checking the same chain
 * against the same roots again costs a look-up, except that time goes on.
 */
import { parseCertificateChain, type CertificateInfo } from './certificate.ts';
import { DerError, sameBytes } from './der-reader.ts';
import { isSignatureValid } from './signature.ts';

export type ChainVerdict =
  | { readonly ok: true; readonly leaf: CertificateInfo }
  | {
      readonly ok: false;
      /** "certificate has expired", "unable to get local issuer certificate" … */
      readonly error: string;
      /** Where in the chain: 0 is the leaf. */
      readonly depth: number;
    };

/** A chain from leaf to trusted root, or why there is none: what does not depend on time. */
type Path =
  | { readonly certificates: readonly CertificateInfo[] }
  | { readonly error: string; readonly depth: number };

const DEPTH_MAX = 10;
const CACHE_MAX = 4_096;
/** By roots, then by chain. Pure results: forgetting them changes nothing. */
const cache = new Map<string, Map<string, Path>>();

/** Checks a chain (PEM, leaf first) at an instant. An empty chain has no verdict: ask before. */
export function verifyChain(
  chainPem: string,
  trustedRootsPem: string,
  nowMs: number,
): ChainVerdict {
  const path = pathOf(chainPem, trustedRootsPem);
  if ('error' in path) return { ok: false, ...path };
  for (let depth = path.certificates.length - 1; depth >= 0; depth--) {
    const { notBeforeMs, notAfterMs } = path.certificates[depth]!;
    if (nowMs < notBeforeMs) return { ok: false, error: 'certificate is not yet valid', depth };
    if (nowMs > notAfterMs) return { ok: false, error: 'certificate has expired', depth };
  }
  return { ok: true, leaf: path.certificates[0]! };
}

function pathOf(chainPem: string, rootsPem: string): Path {
  let ofRoots = cache.get(rootsPem);
  if (!ofRoots) {
    if (cache.size >= 64) cache.clear();
    cache.set(rootsPem, (ofRoots = new Map<string, Path>()));
  }
  const known = ofRoots.get(chainPem);
  if (known) return known;
  const path = buildPath(parseCertificateChain(chainPem), parseCertificateChain(rootsPem));
  if (ofRoots.size >= CACHE_MAX) ofRoots.clear();
  ofRoots.set(chainPem, path);
  return path;
}

function buildPath(chain: readonly CertificateInfo[], roots: readonly CertificateInfo[]): Path {
  const [leaf, ...intermediates] = chain;
  if (!leaf) return { error: 'no certificate', depth: 0 };
  const path = [leaf];
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const current = path[depth]!;
    if (roots.some((root) => root.fingerprint === current.fingerprint))
      return { certificates: path };
    const root = issuerAmong(roots, current);
    const issuer = root ?? issuerAmong(intermediates, current);
    if (isSelfIssued(current) || !issuer)
      return { error: reasonWithoutIssuer(current, depth), depth };
    if (!hasSigned(issuer, current)) return { error: 'certificate signature failure', depth };
    path.push(issuer);
    if (root) return { certificates: path };
  }
  return { error: 'certificate chain too long', depth: DEPTH_MAX };
}

function reasonWithoutIssuer(certificate: CertificateInfo, depth: number): string {
  if (!isSelfIssued(certificate)) return 'unable to get local issuer certificate';
  return depth === 0 ? 'self signed certificate' : 'self signed certificate in certificate chain';
}

function isSelfIssued({ der }: CertificateInfo): boolean {
  return sameBytes(der.issuer, der.subject);
}

/**
 * One that bears the issuer's name and, where both say which, the issuer's key; of several (a rotated
 * root) the one that signed. Whoever bears the name with another key is nobody's issuer.
 */
function issuerAmong(
  candidates: readonly CertificateInfo[],
  certificate: CertificateInfo,
): CertificateInfo | undefined {
  const named = candidates.filter(
    ({ isAuthority, der }) =>
      isAuthority &&
      sameBytes(der.subject, certificate.der.issuer) &&
      mayBeKeyOf(certificate, der.subjectKeyId),
  );
  if (named.length < 2) return named[0];
  return named.find((candidate) => hasSigned(candidate, certificate)) ?? named[0];
}

function mayBeKeyOf({ der }: CertificateInfo, keyId: Uint8Array | undefined): boolean {
  return !der.authorityKeyId || !keyId || sameBytes(der.authorityKeyId, keyId);
}

function hasSigned(issuer: CertificateInfo, { der }: CertificateInfo): boolean {
  const { body, signatureAlgorithm, signature } = der;
  try {
    return isSignatureValid(body, signatureAlgorithm, signature, issuer.der.publicKeyInfo);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
