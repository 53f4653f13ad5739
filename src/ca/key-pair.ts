/**
 * Models ECDSA P-256 keys and signatures. Signing the same bytes gives the same signature.
 *
 * Spec: RFC 5480 (keys), RFC 5958 (PKCS #8), RFC 6979 (deterministic ECDSA).
 */
import { p256 } from '@noble/curves/nist.js';
import type { RandomStream } from '../sim/random.ts';
import * as der from './der-writer.ts';
import { OID } from './object-identifiers.ts';
import { printPem } from './pem.ts';

export interface KeyPair {
  readonly privateKey: Uint8Array;
  /** The uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** PKCS #8. */
  readonly privateKeyPem: string;
}

/** A key from a named stream of chance: the same seed gives the same key. */
export function newKeyPair(random: RandomStream): KeyPair {
  let privateKey = randomBytes(random, 32);
  while (!p256.utils.isValidSecretKey(privateKey)) privateKey = randomBytes(random, 32);
  const publicKey = p256.getPublicKey(privateKey, false);
  const ecPrivateKey = der.sequence(
    der.integer(Uint8Array.of(1)),
    der.octetString(privateKey),
    der.explicit(1, der.bitString(publicKey)),
  );
  const pkcs8 = der.sequence(
    der.integer(Uint8Array.of(0)),
    keyAlgorithm(),
    der.octetString(ecPrivateKey),
  );
  return { privateKey, publicKey, privateKeyPem: printPem('PRIVATE KEY', pkcs8) };
}

/** SubjectPublicKeyInfo. */
export function publicKeyInfo(publicKey: Uint8Array): Uint8Array {
  return der.sequence(keyAlgorithm(), der.bitString(publicKey));
}

/** A SEQUENCE of what is signed, the algorithm (ecdsa-with-SHA256) and the signature. */
export function signed(body: Uint8Array, key: KeyPair): Uint8Array {
  const signature = p256.sign(body, key.privateKey, { format: 'der', lowS: false });
  return der.sequence(body, signatureAlgorithm(), der.bitString(signature));
}

export function signatureAlgorithm(): Uint8Array {
  return der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
}

export function randomBytes(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256));
}

function keyAlgorithm(): Uint8Array {
  return der.sequence(der.objectIdentifier(OID.ecPublicKey), der.objectIdentifier(OID.prime256v1));
}
