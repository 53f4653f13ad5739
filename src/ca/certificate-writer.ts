/** Models making a certificate: the fields, in order, and the issuer's signature. Spec: RFC 5280. */
import * as der from './der-writer.ts';
import { publicKeyInfo, signatureAlgorithm, signed, type KeyPair } from './key-pair.ts';
import { OID } from './object-identifiers.ts';
import { printPem } from './pem.ts';

export interface CertificateFields {
  readonly serialNumber: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

const VERSION_3 = Uint8Array.of(2);

/** A certificate, signed with the issuer's key, in PEM. */
export function writeCertificate(fields: CertificateFields, issuerKey: KeyPair): string {
  const body = der.sequence(
    der.explicit(0, der.integer(VERSION_3)),
    der.integer(fields.serialNumber),
    signatureAlgorithm(),
    fields.issuer,
    der.sequence(der.time(fields.notBeforeMs), der.time(fields.notAfterMs)),
    fields.subject,
    publicKeyInfo(fields.publicKey),
    der.explicit(3, der.sequence(...fields.extensions)),
  );
  return printPem('CERTIFICATE', signed(body, issuerKey));
}

/** A distinguished name of an organization and, optionally, a common name; none: the empty name. */
export function distinguishedName(organization?: string, commonName?: string): Uint8Array {
  const part = (oid: string, text: string | undefined) =>
    text === undefined
      ? []
      : [der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)))];
  return der.sequence(...part(OID.organization, organization), ...part(OID.commonName, commonName));
}
