/** Models the certificate extensions that a mesh's CA writes. Spec: RFC 5280, section 4.2. */
import { sha1 } from '@noble/hashes/legacy.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import * as der from './der-writer.ts';
import { OID } from './object-identifiers.ts';

/** Bits of KeyUsage, numbered from the most significant one of the first byte. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_ENCIPHERMENT = 0x20;
const KEY_CERT_SIGN = 0x04;

/** [6] uniformResourceIdentifier of GeneralName. */
const URI_NAME = 6;

export function subjectAltUri(uri: string, isCritical: boolean): Uint8Array {
  const names = der.sequence(der.implicit(URI_NAME, utf8ToBytes(uri)));
  return extension(OID.subjectAltName, isCritical, names);
}

/** What a workload's certificate says besides its name: no CA, for both ends of TLS. */
export function workloadExtensions(uri: string, issuerKeyId: Uint8Array): Uint8Array[] {
  return [
    extension(OID.keyUsage, true, keyUsage(DIGITAL_SIGNATURE | KEY_ENCIPHERMENT, 5)),
    extension(
      OID.extendedKeyUsage,
      false,
      der.sequence(der.objectIdentifier(OID.serverAuth), der.objectIdentifier(OID.clientAuth)),
    ),
    extension(OID.basicConstraints, true, der.sequence()),
    authorityKeyIdentifier(issuerKeyId),
    subjectAltUri(uri, true),
  ];
}

export function authorityExtensions(key: Uint8Array, issuerKey: Uint8Array): Uint8Array[] {
  return [
    extension(OID.keyUsage, true, keyUsage(KEY_CERT_SIGN, 2)),
    extension(OID.basicConstraints, true, der.sequence(der.boolean(true))),
    extension(OID.subjectKeyIdentifier, false, der.octetString(keyIdOf(key))),
    ...(key === issuerKey ? [] : [authorityKeyIdentifier(keyIdOf(issuerKey))]),
  ];
}

/** How authorities here name a key; others may do it differently. */
export function keyIdOf(publicKey: Uint8Array): Uint8Array {
  return sha1(publicKey);
}

function authorityKeyIdentifier(keyId: Uint8Array): Uint8Array {
  const value = der.sequence(der.implicit(0, keyId));
  return extension(OID.authorityKeyIdentifier, false, value);
}

function keyUsage(bits: number, unusedBits: number): Uint8Array {
  return der.bitString(Uint8Array.of(bits), unusedBits);
}

function extension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(oid), ...critical, der.octetString(value));
}
