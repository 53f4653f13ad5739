/**
 * Models the UUID request id extension: x-request-id, version 4, out of the proxy's own stream.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/request_id/uuid/v3/uuid.proto.
 * Simplified: the digit that carries the trace decision says "not traced".
 */
import type { RandomStream } from '../../sim/random.ts';

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));

export function newRequestId(random: RandomStream): string {
  const a = random.uint32();
  const b = random.uint32();
  const c = random.uint32();
  const d = random.uint32();
  const version = 0x4000 | (b & 0x0fff);
  const variant = 0x8000 | (c & 0x3fff);
  return `${HEX[a >>> 16]!}${HEX[a & 0xffff]!}-${HEX[b >>> 16]!}-${HEX[version]!}-${HEX[variant]!}-${HEX[c >>> 16]!}${HEX[d >>> 16]!}${HEX[d & 0xffff]!}`;
}
