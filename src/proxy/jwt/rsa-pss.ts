/**
 * Models RSASSA-PSS: is a block, opened with the public key, the encoding of a message?
 *
 * Spec: RFC 8017 sections 8.1.2 and 9.1.2, RFC 7518 section 3.5. The salt may have any length.
 */

export type Hash = (message: Uint8Array) => Uint8Array;

/** Where the salt begins: behind a run of zeros, marked by a one. */
const SALT_MARK = 0x01;
const TRAILER = 0xbc;

/** `block`: the opened signature in as many bytes as the modulus has; `bits`: those of the modulus. */
export function isPssEncoding(
  block: Uint8Array,
  bits: number,
  message: Uint8Array,
  hash: Hash,
): boolean {
  const encodedBits = bits - 1;
  const encoded = block.slice(block.length - Math.ceil(encodedBits / 8));
  const digest = hash(message);
  const maskedLength = encoded.length - digest.length - 1;
  if (maskedLength < 1 || encoded.at(-1) !== TRAILER) return false;
  const seed = encoded.slice(maskedLength, -1);
  const mask = generateMask(seed, maskedLength, hash);
  const data = encoded.slice(0, maskedLength).map((byte, i) => byte ^ mask[i]!);
  // Bits that the modulus cannot hold are not part of it.
  data[0]! &= 0xff >> (8 * encoded.length - encodedBits);
  const mark = data.findIndex((byte) => byte !== 0);
  if (mark < 0 || data[mark] !== SALT_MARK) return false;
  const salted = new Uint8Array([...new Uint8Array(8), ...digest, ...data.slice(mark + 1)]);
  return hash(salted).every((byte, i) => byte === seed[i]);
}

/** MGF1. */
function generateMask(seed: Uint8Array, length: number, hash: Hash): Uint8Array {
  const mask: number[] = [];
  for (let counter = 0; mask.length < length; counter++) {
    const suffix = [counter >>> 24, counter >>> 16, counter >>> 8, counter];
    mask.push(...hash(new Uint8Array([...seed, ...suffix])));
  }
  return new Uint8Array(mask.slice(0, length));
}
