/**
 * Models the 64-bit murmur hash of libstdc++'s std::hash, which rings may use.
 *
 * Spec: MurmurHash64A (https://github.com/aappleby/smhasher), as Envoy's common/common/murmur_hash.h
 */
const MASK = 0xffff_ffff_ffff_ffffn;
const MULTIPLIER = 0xc6a4_a793_5bd1_e995n;
const SHIFT = 47n;

/** Envoy's default seed (STD_HASH_SEED). */
export const MURMUR_SEED = 0xc70f_6907n;

const encoder = new TextEncoder();

/** The hash of a text's UTF-8 bytes, 64 bits. */
export function murmurHash2(text: string, seed = MURMUR_SEED): bigint {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~7;
  let hash = seed ^ ((BigInt(bytes.length) * MULTIPLIER) & MASK);
  for (let at = 0; at < whole; at += 8) {
    const data = shiftMix((view.getBigUint64(at, true) * MULTIPLIER) & MASK);
    hash = ((hash ^ ((data * MULTIPLIER) & MASK)) * MULTIPLIER) & MASK;
  }
  if (whole < bytes.length) {
    let rest = 0n;
    for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8n) | BigInt(bytes[at]!);
    hash = ((hash ^ rest) * MULTIPLIER) & MASK;
  }
  return shiftMix((shiftMix(hash) * MULTIPLIER) & MASK);
}

function shiftMix(value: bigint): bigint {
  return value ^ (value >> SHIFT);
}
