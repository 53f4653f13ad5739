/**
 * Models checking one signature with a public key.
 *
 * Spec: RFC 5480 (ECDSA: P-256 with SHA-256, P-384 with SHA-384), RFC 8017 (RSASSA-PKCS1-v1_5 with
 * SHA-256). Simplified: other algorithms never verify.
 */
import { p384 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { readValue, type DerValue } from './der-reader.ts';
import { falseIfMalformed, isValid } from './ecdsa.ts';
import { OID } from './object-identifiers.ts';

/** DigestInfo of SHA-256, up to the digest itself. */
const SHA256_PREFIX = '3031300d060960864801650304020105000420';

export function isSignatureValid(
  message: Uint8Array,
  algorithm: string,
  signature: Uint8Array,
  publicKeyInfo: DerValue,
): boolean {
  const keyAlgorithm = publicKeyInfo.child(0).children();
  const keyBits = publicKeyInfo.child(1).bits();
  if (algorithm === OID.sha256WithRsaEncryption) return isRsaValid(message, signature, keyBits);
  const curve = keyAlgorithm[1]?.tag === 0x06 ? keyAlgorithm[1].oid() : '';
  if (algorithm === OID.ecdsaWithSha256 && curve === OID.prime256v1)
    return isValid(message, signature, keyBits);
  if (algorithm === OID.ecdsaWithSha384 && curve === OID.secp384r1)
    return falseIfMalformed(() =>
      p384.verify(signature, message, keyBits, { format: 'der', lowS: false }),
    );
  return false;
}

function isRsaValid(message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  const [modulusBytes, exponentBytes] = readValue(key).children();
  if (!modulusBytes || !exponentBytes) return false;
  const modulus = numberOf(modulusBytes.content);
  const opened = powerModulo(numberOf(signature), numberOf(exponentBytes.content), modulus);
  const digest = SHA256_PREFIX + bytesToHex(sha256(message));
  const width = bytesToHex(modulusBytes.content).replace(/^00/, '').length;
  const padding = 'f'.repeat(Math.max(0, width - digest.length - 6));
  return opened === BigInt(`0x0001${padding}00${digest}`);
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes) || '0'}`);
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
