/**
 * Models a certificate as whoever checks or shows it sees it.
 *
 * Spec: RFC 5280. Reading the same text again costs nothing.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { DerError, readValue, sameBytes, type DerValue } from './der-reader.ts';
import { NAME_ATTRIBUTES, OID } from './object-identifiers.ts';
import { parsePem, printPem } from './pem.ts';
import { namesOf, NO_NAMES, type SubjectAltNames } from './subject-alt-names.ts';

export interface CertificateInfo extends SubjectAltNames {
  readonly pem: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** As RFC 2253 writes it, last part first: "CN=server,O=Oracle"; "" when empty. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isAuthority: boolean;
  /** SHA-256 of the DER, hexadecimal: the Hash of x-forwarded-client-cert. */
  readonly fingerprint: string;
  /** What checking a signature needs. */
  readonly der: CertificateDer;
}

export interface CertificateDer {
  readonly body: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyInfo: DerValue;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Of its own key, and of its issuer's key, as the certificate states them. */
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
}

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;

const CACHE_MAX = 8_192;
const cache = new Map<string, readonly CertificateInfo[]>();

/** The certificates of a PEM text, in order; what is no certificate is left out. */
export function parseCertificateChain(pem: string): readonly CertificateInfo[] {
  const known = cache.get(pem);
  if (known) return known;
  const chain = parsePem(pem)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ der }) => parseCertificate(der))
    .filter((one) => one !== undefined);
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(pem, chain);
  return chain;
}

function parseCertificate(bytes: Uint8Array): CertificateInfo | undefined {
  try {
    return readCertificate(bytes);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function readCertificate(bytes: Uint8Array): CertificateInfo {
  const whole = readValue(bytes);
  const [body, algorithm, signature] = whole.children();
  if (whole.tag !== SEQUENCE || whole.raw.length !== bytes.length || !body) throw notOne();
  const fields = body.children();
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, innerAlgorithm, issuer, validity, subject, publicKeyInfo, ...optional] = fields;
  if (!serial || !innerAlgorithm || !issuer || !validity || !subject || !publicKeyInfo)
    throw notOne();
  // What stands outside of the signed body must not say anything else than what is inside.
  if (signature?.tag !== BIT_STRING || !algorithm || !sameBytes(algorithm.raw, innerAlgorithm.raw))
    throw notOne();
  const extensions =
    optional
      .find(({ tag }) => tag === 0xa3)
      ?.child(0)
      .children() ?? [];
  const names = extensions.find((one) => one.child(0).oid() === OID.subjectAltName);
  return {
    pem: printPem('CERTIFICATE', bytes),
    serialNumber: bytesToHex(serial.content).replace(/^(00)+(?=.)/, ''),
    subject: nameText(subject),
    issuer: nameText(issuer),
    notBeforeMs: validity.child(0).timeMs(),
    notAfterMs: validity.child(1).timeMs(),
    ...(names ? namesOf(names) : NO_NAMES),
    isAuthority: extensions.some(isAuthorityExtension),
    fingerprint: bytesToHex(sha256(bytes)),
    der: {
      body: body.raw,
      issuer: issuer.raw,
      subject: subject.raw,
      publicKeyInfo,
      signatureAlgorithm: algorithm.child(0).oid(),
      signature: signature.bits(),
      ...keyIds(extensions),
    },
  };
}

function keyIds(extensions: readonly DerValue[]) {
  const valueOf = (oid: string) => {
    const octets = extensions
      .find((one) => one.child(0).oid() === oid)
      ?.children()
      .at(-1);
    return octets && readValue(octets.content);
  };
  const authority = valueOf(OID.authorityKeyIdentifier);
  return {
    subjectKeyId: valueOf(OID.subjectKeyIdentifier)?.content,
    authorityKeyId: authority?.children().find(({ tag }) => tag === 0x80)?.content,
  };
}

function notOne(): DerError {
  return new DerError('not a certificate');
}

function isAuthorityExtension(extension: DerValue): boolean {
  const parts = extension.children();
  if (parts[0]?.oid() !== OID.basicConstraints) return false;
  const [isAuthority] = parts.at(-1)!.child(0).children();
  return isAuthority?.tag === 0x01 && isAuthority.content[0] !== 0;
}

function nameText(name: DerValue): string {
  return name
    .children()
    .flatMap((part) => part.children())
    .map((attribute) => {
      const oid = attribute.child(0).oid();
      const value = attribute.child(1).text();
      return `${NAME_ATTRIBUTES[oid] ?? oid}=${value.replace(/[,+"\\<>;]/g, '\\$&')}`;
    })
    .reverse()
    .join(',');
}
