/**
 * Models keys of ECDSA P-256, and what X.509 wraps around keys and signatures.
 *
 * Spec: RFC 5480 (public keys), RFC 5915 and RFC 5958 (private keys, PKCS #8).
 */
import type { RandomStream } from '../sim/random.ts';
import * as der from './der-writer.ts';
import { isPrivateKey, publicKeyOf, sign } from './ecdsa.ts';
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
  while (!isPrivateKey(privateKey)) privateKey = randomBytes(random, 32);
  return keyPairOf(privateKey);
}

/** All forms of a key whose scalar is known. */
export function keyPairOf(privateKey: Uint8Array): KeyPair {
  const publicKey = publicKeyOf(privateKey);
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
  return der.sequence(body, signatureAlgorithm(), der.bitString(sign(body, key.privateKey)));
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
