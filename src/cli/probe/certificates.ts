/** The certificates of a probe's proxies: one authority for all, others where the case says so. */
import { CertificateAuthority } from '../../ca/certificate-authority.ts';
import { distinguishedName, writeCertificate } from '../../ca/certificate-writer.ts';
import * as der from '../../ca/der-writer.ts';
import { newKeyPair } from '../../ca/key-pair.ts';
import { OID } from '../../ca/object-identifiers.ts';
import { createSigningRequest } from '../../ca/signing-request.ts';
import { spiffeId } from '../../ca/spiffe-id.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { wallClockMs } from '../../sim/time.ts';
import type { Secret } from '../../xds/resources/secret.ts';
import type { CertificatePlan, ProxyPlan } from './case.ts';

const TRUST_DOMAIN = 'cluster.local';
const OWN = 'own';
const YEAR_MS = 365 * 24 * 3_600_000;
/** [2] dNSName of GeneralName. */
const DNS_NAME = 2;

export class ProbeCertificates {
  readonly #simulation: Simulation;
  readonly #authorities = new Map<string, CertificateAuthority>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** What istio's agent would serve a proxy: the secrets `default` and `ROOTCA`. */
  secretsOf(proxy: ProxyPlan, plan: CertificatePlan = {}): Secret[] {
    const namespace = proxy.pod.slice(proxy.pod.indexOf('.') + 1);
    const own = spiffeId({
      trustDomain: TRUST_DOMAIN,
      namespace,
      serviceAccount: proxy.service_account ?? 'default',
    });
    const identity = plan.identity ?? own;
    const key = newKeyPair(this.#simulation.random(`probe/key/${proxy.pod}`));
    const chain = this.#authority(plan.issuer ?? OWN).sign(
      createSigningRequest(key, identity),
      identity,
      wallClockMs(this.#simulation.now),
    );
    return [
      {
        name: 'default',
        tls_certificate: {
          certificate_chain: { inline_string: chain ?? '' },
          private_key: { inline_string: key.privateKeyPem },
        },
      },
      {
        name: 'ROOTCA',
        validation_context: {
          trusted_ca: { inline_string: this.#authority(plan.trusts ?? OWN).rootPem },
        },
      },
    ];
  }

  /** A gateway's credential, as istiod would read it from a Secret of Kubernetes; self-signed. */
  credential(name: string, dnsNames: readonly string[]): Secret {
    const random = this.#simulation.random(`probe/credential/${name}`);
    const key = newKeyPair(random);
    const nowMs = wallClockMs(this.#simulation.now);
    const subject = distinguishedName('probe', dnsNames[0]);
    const names = dnsNames.map((dnsName) =>
      der.implicit(DNS_NAME, new TextEncoder().encode(dnsName)),
    );
    const alternatives = der.sequence(
      der.objectIdentifier(OID.subjectAltName),
      der.octetString(der.sequence(...names)),
    );
    const certificate = writeCertificate(
      {
        serialNumber: Uint8Array.of(0x40, random.below(256), random.below(256)),
        issuer: subject,
        subject,
        notBeforeMs: nowMs,
        notAfterMs: nowMs + YEAR_MS,
        publicKey: key.publicKey,
        extensions: [alternatives],
      },
      key,
    );
    return {
      name: `kubernetes://${name}`,
      tls_certificate: {
        certificate_chain: { inline_string: certificate },
        private_key: { inline_string: key.privateKeyPem },
      },
    };
  }

  #authority(name: string): CertificateAuthority {
    let authority = this.#authorities.get(name);
    if (!authority) {
      authority = new CertificateAuthority(this.#simulation.random(`probe/ca/${name}`), {
        trustDomain: TRUST_DOMAIN,
        createdAtMs: wallClockMs(this.#simulation.now),
      });
      this.#authorities.set(name, authority);
    }
    return authority;
  }
}
