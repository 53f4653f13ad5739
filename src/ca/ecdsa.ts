/**
 * Models ECDSA over P-256 with SHA-256, and remembers its results.
 *
 * Spec: FIPS 186-5, RFC 6979 (deterministic signatures). All three functions are pure, and a curve
 * operation costs a millisecond or more: a run that is replayed computes none again, and a signature
 * made here needs no computing to be found valid. Bound: 16,384 results of each kind.
 */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const RESULTS_MAX = 16_384;
const OPTIONS = { format: 'der', lowS: false, prehash: false } as const;

const publicKeys = new Map<string, Uint8Array>();
const signatures = new Map<string, Uint8Array>();
const verdicts = new Map<string, boolean>();

export function isPrivateKey(bytes: Uint8Array): boolean {
  return p256.utils.isValidSecretKey(bytes);
}

/** The uncompressed point, 65 bytes. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return remembered(publicKeys, bytesToHex(privateKey), () => p256.getPublicKey(privateKey, false));
}

/** A signature in DER. */
export function sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const digest = sha256(message);
  const key = `${bytesToHex(privateKey)}/${bytesToHex(digest)}`;
  const signature = remembered(signatures, key, () => p256.sign(digest, privateKey, OPTIONS));
  const publicKey = publicKeyOf(privateKey);
  remembered(verdicts, verdictKey(digest, signature, publicKey), () => true);
  return signature;
}

export function isValid(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const digest = sha256(message);
  return remembered(verdicts, verdictKey(digest, signature, publicKey), () =>
    falseIfMalformed(() => p256.verify(signature, digest, publicKey, OPTIONS)),
  );
}

/** The library throws for a public key that is no point of the curve. */
export function falseIfMalformed(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}

function verdictKey(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): string {
  return `${bytesToHex(digest)}/${bytesToHex(signature)}/${bytesToHex(publicKey)}`;
}

function remembered<T>(results: Map<string, T>, key: string, compute: () => T): T {
  const known = results.get(key);
  if (known !== undefined) return known;
  const result = compute();
  if (results.size >= RESULTS_MAX) results.clear();
  results.set(key, result);
  return result;
}
