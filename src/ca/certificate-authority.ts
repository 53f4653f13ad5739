/**
 * Models istiod's certificate authority: a self-signed root, optionally an intermediate (its own or
 * one that was plugged in), the certificates of workloads and a record of them.
 *
 * Spec: istio security/pkg/pki/ca (self-signed: 10 years, O=trust domain; workloads: 24 h, valid from
 * two minutes ago). The same seed gives the same certificates.
 */
import type { RandomStream } from '../sim/random.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { authorityExtensions, keyIdOf, workloadExtensions } from './extensions.ts';
import { distinguishedName, writeCertificate } from './certificate-writer.ts';
import { newKeyPair, randomBytes, type KeyPair } from './key-pair.ts';
import type { PluggedInAuthority } from './plugged-in-authority.ts';
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
  /** Sign with this authority's key; it makes none of its own. */
  readonly pluggedIn?: PluggedInAuthority | undefined;
}

/** One line of the record. */
export interface IssuedCertificate {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly identity: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Who sent the signing request: "reviews-v1-abc.default". */
  readonly requestedBy: string;
}

/** The record keeps the newest. */
const ISSUED_MAX = 10_000;

export class CertificateAuthority {
  readonly trustDomain: string;
  /** What peers must trust. */
  readonly rootPem: string;
  /** What stands between a workload's certificate and the root; "" without an intermediate. */
  readonly intermediatePem: string;
  readonly #random: RandomStream;
  readonly #signer: KeyPair;
  readonly #signerName: Uint8Array;
  readonly #signerKeyId: Uint8Array;
  readonly #issued: IssuedCertificate[] = [];
  /** Signs nothing; what was issued is good for as long as it says. */
  isDown = false;

  constructor(random: RandomStream, options: AuthorityOptions) {
    this.trustDomain = options.trustDomain;
    this.#random = random;
    if (options.pluggedIn) {
      const { certificate, key, chainPem, rootPem } = options.pluggedIn;
      this.rootPem = rootPem;
      this.intermediatePem = chainPem;
      this.#signer = key;
      this.#signerName = certificate.der.subject;
      this.#signerKeyId = certificate.der.subjectKeyId ?? keyIdOf(key.publicKey);
      return;
    }
    const rootKey = newKeyPair(random);
    const rootName = distinguishedName(options.trustDomain);
    this.rootPem = this.#authority(rootName, rootKey, rootName, rootKey, options.createdAtMs);
    this.#signer = options.hasIntermediate ? newKeyPair(random) : rootKey;
    this.#signerName = options.hasIntermediate
      ? distinguishedName(options.trustDomain, 'Intermediate CA')
      : rootName;
    this.#signerKeyId = keyIdOf(this.#signer.publicKey);
    this.intermediatePem = options.hasIntermediate
      ? this.#authority(this.#signerName, this.#signer, rootName, rootKey, options.createdAtMs)
      : '';
  }

  /** What was issued, oldest first. */
  get issued(): readonly IssuedCertificate[] {
    return this.#issued;
  }

  /**
   * Answers a signing request (PEM) of a workload whose identity has been established by other means.
   * The chain in PEM, leaf first, without the root; undefined when the request is not signed by its
   * own key, asks for another name, or finds nobody at work.
   */
  sign(
    requestPem: string,
    identity: string,
    nowMs: number,
    lifetimeMs = DAY_MS,
    requestedBy = '',
  ): string | undefined {
    if (this.isDown) return undefined;
    const request = parseSigningRequest(requestPem);
    if (!request || request.uris.length !== 1 || request.uris[0] !== identity) return undefined;
    const serialNumber = this.#newSerialNumber();
    const [notBeforeMs, notAfterMs] = [nowMs - CLOCK_SKEW_MS, nowMs + lifetimeMs];
    const leaf = writeCertificate(
      {
        serialNumber,
        issuer: this.#signerName,
        subject: distinguishedName(),
        notBeforeMs,
        notAfterMs,
        publicKey: request.publicKey,
        extensions: workloadExtensions(identity, this.#signerKeyId),
      },
      this.#signer,
    );
    const serial = bytesToHex(serialNumber);
    this.#issued.push({ serialNumber: serial, identity, notBeforeMs, notAfterMs, requestedBy });
    if (this.#issued.length > ISSUED_MAX) this.#issued.shift();
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
