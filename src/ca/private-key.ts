/**
 * Models reading a private key: ECDSA P-256, as SEC 1 or PKCS #8 wraps it.
 *
 * Spec: RFC 5915, RFC 5958. Simplified: nothing here signs with RSA or with other curves.
 */
import { DerError, readValue, type DerValue } from './der-reader.ts';
import { isPrivateKey } from './ecdsa.ts';
import { keyPairOf, type KeyPair } from './key-pair.ts';
import { OID } from './object-identifiers.ts';
import { parsePem } from './pem.ts';

/** The first key of a PEM text; undefined when there is none that can sign here. */
export function parsePrivateKey(pem: string): KeyPair | undefined {
  for (const { label, der } of parsePem(pem)) {
    if (label !== 'PRIVATE KEY' && label !== 'EC PRIVATE KEY') continue;
    try {
      const value = readValue(der);
      const key = label === 'PRIVATE KEY' ? insidePkcs8(value) : scalarOf(value);
      if (key && isPrivateKey(key)) return keyPairOf(key);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return undefined;
}

function insidePkcs8(value: DerValue): Uint8Array | undefined {
  const [, algorithm, key] = value.children();
  const curve = algorithm?.children()[1];
  if (!key || curve?.tag !== 0x06 || curve.oid() !== OID.prime256v1) return undefined;
  return scalarOf(readValue(key.content));
}

/** ECPrivateKey: version, then the scalar. */
function scalarOf(value: DerValue): Uint8Array | undefined {
  const key = value.child(1).content;
  return key.length === 32 ? Uint8Array.from(key) : undefined;
}
