/**
 * Models istiod's certificate authority: a self-signed root, optionally an intermediate, and the
 * certificates of workloads.
 *
 * Spec: istio security/pkg/pki/ca (self-signed: 10 years, O=trust domain; workloads: 24 h, valid from
 * two minutes ago). The same seed gives the same certificates.
 */
import type { RandomStream } from '../sim/random.ts';
import { authorityExtensions, workloadExtensions } from './extensions.ts';
import { distinguishedName, writeCertificate } from './certificate-writer.ts';
import { newKeyPair, randomBytes, type KeyPair } from './key-pair.ts';
import { parseSigningRequest } from './signing-request.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ROOT_LIFETIME_MS = 3_650 * DAY_MS;
/** Clocks of a cluster differ a little. */
const CLOCK_SKEW_MS = 2 * MINUTE_MS;
const SERIAL_BYTES = 16;

export interface AuthorityOptions {
  /** "cluster.local" */
  readonly trustDomain: string;
  readonly createdAtMs: number;
  /** Sign workloads with a key of its own that the root has certified; default false. */
  readonly hasIntermediate?: boolean;
}

export class CertificateAuthority {
  readonly trustDomain: string;
  /** What peers must trust. */
  readonly rootPem: string;
  /** What stands between a workload's certificate and the root; "" without an intermediate. */
  readonly intermediatePem: string;
  readonly #random: RandomStream;
  readonly #signer: KeyPair;
  readonly #signerName: Uint8Array;

  constructor(random: RandomStream, options: AuthorityOptions) {
    this.trustDomain = options.trustDomain;
    this.#random = random;
    const rootKey = newKeyPair(random);
    const rootName = distinguishedName(options.trustDomain);
    this.rootPem = this.#authority(rootName, rootKey, rootName, rootKey, options.createdAtMs);
    this.#signer = options.hasIntermediate ? newKeyPair(random) : rootKey;
    this.#signerName = options.hasIntermediate
      ? distinguishedName(options.trustDomain, 'Intermediate CA')
      : rootName;
    this.intermediatePem = options.hasIntermediate
      ? this.#authority(this.#signerName, this.#signer, rootName, rootKey, options.createdAtMs)
      : '';
  }

  /**
   * Answers a signing request (PEM) of a workload whose identity has been established by other means.
   * The chain in PEM, leaf first, without the root; undefined when the request is not signed by its
   * own key or asks for another name.
   */
  sign(
    requestPem: string,
    identity: string,
    nowMs: number,
    lifetimeMs = DAY_MS,
  ): string | undefined {
    const request = parseSigningRequest(requestPem);
    if (!request || request.uris.length !== 1 || request.uris[0] !== identity) return undefined;
    const leaf = writeCertificate(
      {
        serialNumber: this.#newSerialNumber(),
        issuer: this.#signerName,
        subject: distinguishedName(),
        notBeforeMs: nowMs - CLOCK_SKEW_MS,
        notAfterMs: nowMs + lifetimeMs,
        publicKey: request.publicKey,
        extensions: workloadExtensions(identity, this.#signer.publicKey),
      },
      this.#signer,
    );
    return leaf + this.intermediatePem;
  }

  #authority(
    subject: Uint8Array,
    key: KeyPair,
    issuer: Uint8Array,
    issuerKey: KeyPair,
    createdAtMs: number,
  ): string {
    return writeCertificate(
      {
        serialNumber: this.#newSerialNumber(),
        issuer,
        subject,
        notBeforeMs: createdAtMs,
        notAfterMs: createdAtMs + ROOT_LIFETIME_MS,
        publicKey: key.publicKey,
        extensions: authorityExtensions(key.publicKey, issuerKey.publicKey),
      },
      issuerKey,
    );
  }

  /** 127 random bits: positive, never zero at the front. */
  #newSerialNumber(): Uint8Array {
    const bytes = randomBytes(this.#random, SERIAL_BYTES);
    bytes[0] = (bytes[0]! & 0x7f) | 0x40;
    return bytes;
  }
}
