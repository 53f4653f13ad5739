/**
 * Models a certificate authority that an operator brings along: the secret `cacerts`.
 *
 * Spec: Istio, "Plug in CA Certificates"; istio security/pkg/pki/util/keycertbundle.go (Verify).
 * Simplified: its key is ECDSA P-256.
 */
import { parseCertificateChain, type CertificateInfo } from './certificate.ts';
import { verifyChain } from './chain-verification.ts';
import { sameBytes } from './der-reader.ts';
import type { KeyPair } from './key-pair.ts';
import { parsePrivateKey } from './private-key.ts';

export interface PluggedInAuthority {
  readonly certificate: CertificateInfo;
  readonly key: KeyPair;
  /** What follows a workload's certificate. */
  readonly chainPem: string;
  readonly rootPem: string;
}

export type PluggedInResult =
  | { readonly ok: true; readonly authority: PluggedInAuthority }
  | { readonly ok: false; readonly problem: string };

/** Reads ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem (plain text, not base64). */
export function readPluggedInAuthority(
  files: Readonly<Record<string, string>>,
  nowMs: number,
): PluggedInResult {
  const file = (name: string) => files[name] ?? '';
  const [certificate] = parseCertificateChain(file('ca-cert.pem'));
  if (!certificate) return refused('failed to parse cert PEM: ca-cert.pem');
  const key = parsePrivateKey(file('ca-key.pem'));
  if (!key) return refused('failed to parse private key PEM: ca-key.pem');
  if (!sameBytes(certificate.der.publicKeyInfo.child(1).bits(), key.publicKey))
    return refused('the cert and key do not match');
  if (!certificate.isAuthority)
    return refused('certificate is not authorized to sign other certificates');
  const rootPem = file('root-cert.pem');
  const chainPem = file('cert-chain.pem') || certificate.pem;
  const verdict = verifyChain(certificate.pem + chainPem, rootPem, nowMs);
  if (!verdict.ok)
    return refused(`cannot verify the cert with the provided root chain: ${verdict.error}`);
  return { ok: true, authority: { certificate, key, chainPem, rootPem } };
}

function refused(problem: string): PluggedInResult {
  return { ok: false, problem };
}
