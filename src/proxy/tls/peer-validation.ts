/**
 * Models how a certificate of the other side is judged: trust, dates, then names.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-certificatevalidationcontext
 * Simplified: no certificate revocation lists and no pinned public keys.
 */
import { verifyChain } from '../../ca/chain-verification.ts';
import type { CertificateInfo } from '../../ca/certificate.ts';
import { dataSourceText } from '../config/data-source.ts';
import { Message } from '../config/message.ts';
import { compileStringMatcher, type TextTest } from '../matching/string-matcher.ts';
import { coversDnsName, leafOf, namesOf } from './peer-names.ts';
import { tlsFailure } from './tls-failure.ts';

/** The verdict on a peer that was refused. */
export interface Refusal {
  /** For UPSTREAM_TRANSPORT_FAILURE_REASON of this side. */
  readonly words: string;
  /** What the other side is told, as RFC 8446 names it. */
  readonly alert: string;
  readonly statistic:
    'failVerifyError' | 'failVerifySan' | 'failVerifyCertHash' | 'failVerifyNoCert';
}

type NameTest = (certificate: CertificateInfo) => boolean;

export class PeerValidation {
  readonly #roots: string;
  readonly #names: readonly NameTest[];
  readonly #hashes: readonly string[];
  readonly #allowsExpired: boolean;
  readonly #acceptsUntrusted: boolean;

  /** `contexts`: validation contexts that are merged, later ones over earlier ones. */
  constructor(contexts: readonly Message[]) {
    const latest = (field: string) => contexts.findLast((context) => context.has(field));
    this.#roots = dataSourceText(latest('trusted_ca')?.message('trusted_ca'));
    this.#names = contexts.flatMap(nameTests);
    this.#hashes = contexts.flatMap((context) =>
      context
        .texts('verify_certificate_hash')
        .map((hash) => hash.replaceAll(':', '').toLowerCase()),
    );
    this.#allowsExpired = contexts.some((context) => context.flag('allow_expired_certificate'));
    this.#acceptsUntrusted =
      latest('trust_chain_verification')?.text('trust_chain_verification') === 'ACCEPT_UNTRUSTED';
  }

  /** Is any certificate looked at? Without roots, names and hashes there is nothing to check. */
  get isNeeded(): boolean {
    return this.#roots !== '' || this.#hashes.length > 0;
  }

  /** `nowMs`: since the Unix epoch. `nameWanted`: auto_san_validation, else "". */
  refusalOf(chainPem: string, nowMs: number, nameWanted: string): Refusal | undefined {
    return (
      this.#refusalOfChain(chainPem, nowMs) ?? this.#refusalOfNames(leafOf(chainPem), nameWanted)
    );
  }

  #refusalOfChain(chainPem: string, nowMs: number): Refusal | undefined {
    if (this.#roots === '' || this.#acceptsUntrusted) return undefined;
    const verdict = verifyChain(chainPem, this.#roots, nowMs);
    if (verdict.ok || (this.#allowsExpired && verdict.error === EXPIRED)) return undefined;
    const { error, depth } = verdict;
    return {
      words: verifyFailure(
        `X509_verify_cert: certificate verification error at depth ${depth}: ${error}`,
      ),
      alert: ALERTS[error] ?? 'unknown_ca',
      statistic: 'failVerifyError',
    };
  }

  #refusalOfNames(
    certificate: CertificateInfo | undefined,
    nameWanted: string,
  ): Refusal | undefined {
    if (!certificate) return undefined;
    const names = namesOf(certificate).join(', ');
    if (nameWanted !== '' && !certificate.dnsNames.some((name) => coversDnsName(name, nameWanted)))
      return refusedName(
        `verify SAN list, expected SANs: [${nameWanted}], certificate SANs: [${names}]`,
      );
    if (this.#names.length > 0 && !this.#names.some((test) => test(certificate)))
      return refusedName(`SAN matcher, certificate SANs are [${names}]`);
    if (this.#hashes.length > 0 && !this.#hashes.includes(certificate.fingerprint))
      return {
        words: verifyFailure('cert hash and spki'),
        alert: 'certificate_unknown',
        statistic: 'failVerifyCertHash',
      };
    return undefined;
  }
}

const EXPIRED = 'certificate has expired';

/** As OpenSSL's ssl_verify_alarm_type has it; everything else is "unknown_ca". */
const ALERTS: Readonly<Record<string, string>> = {
  [EXPIRED]: 'certificate_expired',
  'certificate is not yet valid': 'bad_certificate',
  'certificate signature failure': 'decrypt_error',
};

function verifyFailure(details: string): string {
  return tlsFailure('CERTIFICATE_VERIFY_FAILED', `verify cert failed: ${details}`);
}

function refusedName(details: string): Refusal {
  return {
    words: verifyFailure(details),
    alert: 'certificate_unknown',
    statistic: 'failVerifySan',
  };
}

/** What a server says to a client that shows no certificate though it must. */
export function refusalWithoutCertificate(isTls13: boolean): Refusal {
  return {
    words: tlsFailure(
      'PEER_DID_NOT_RETURN_A_CERTIFICATE',
      'peer did not provide required client certificate',
    ),
    alert: isTls13 ? 'certificate_required' : 'handshake_failure',
    statistic: 'failVerifyNoCert',
  };
}

function nameTests(context: Message): NameTest[] {
  const typed = context.messages('match_typed_subject_alt_names').map((entry): NameTest => {
    const matcher = entry.messageOrEmpty('matcher');
    const test = compileStringMatcher(matcher);
    const exact = matcher.has('exact') ? matcher.text('exact') : undefined;
    return typedNameTest(entry.text('san_type'), test, exact);
  });
  // The old form looks at names of all types.
  const untyped = context.messages('match_subject_alt_names').map((matcher): NameTest => {
    const test = compileStringMatcher(matcher);
    return (certificate) => namesOf(certificate).some(test);
  });
  return [...typed, ...untyped];
}

function typedNameTest(type: string, test: TextTest, exact: string | undefined): NameTest {
  switch (type) {
    case 'DNS':
      // A wildcard in the certificate covers the exact name that is wanted.
      return ({ dnsNames }) =>
        dnsNames.some((name) => (exact === undefined ? test(name) : coversDnsName(name, exact)));
    case 'IP_ADDRESS':
      return ({ ips }) => ips.some(test);
    case 'EMAIL':
      return ({ emails }) => emails.some(test);
    default:
      return ({ uris }) => uris.some(test);
  }
}
