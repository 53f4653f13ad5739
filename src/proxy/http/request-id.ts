/**
 * Models the UUID request id extension: x-request-id, version 4, out of the proxy's own stream.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/request_id/uuid/v3/uuid.proto.
 * Simplified: the digit that carries the trace decision says "not traced".
 */
import type { RandomStream } from '../../sim/random.ts';

/** Codes of the hexadecimal digits. */
const DIGIT = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const DASH = 45;
const VERSION_4 = 52;

/**
 * Every request gets one, so it is made in one step out of its 36 characters' codes: that takes half
 * the time of joining texts from a table, and leaves no intermediate texts behind.
 */
export function newRequestId(random: RandomStream): string {
  const a = random.uint32();
  const b = random.uint32();
  const c = random.uint32();
  const d = random.uint32();
  // prettier-ignore
  return String.fromCharCode(
    digit(a, 28), digit(a, 24), digit(a, 20), digit(a, 16),
    digit(a, 12), digit(a, 8), digit(a, 4), digit(a, 0), DASH,
    digit(b, 28), digit(b, 24), digit(b, 20), digit(b, 16), DASH,
    VERSION_4, digit(b, 8), digit(b, 4), digit(b, 0), DASH,
    DIGIT[8 | ((c >>> 12) & 3)]!, digit(c, 8), digit(c, 4), digit(c, 0), DASH,
    digit(c, 28), digit(c, 24), digit(c, 20), digit(c, 16),
    digit(d, 28), digit(d, 24), digit(d, 20), digit(d, 16),
    digit(d, 12), digit(d, 8), digit(d, 4), digit(d, 0),
  );
}

function digit(word: number, shift: number): number {
  return DIGIT[(word >>> shift) & 15]!;
}
