/** Models how far the newest configuration has got: who has it, who refused it, who is waited for. */
import type { ProxyStatus } from '../control-plane/discovery/proxy-status.ts';

export interface Propagation {
  /** Grows with every push and answer. */
  readonly revision: number;
  readonly acked: readonly string[];
  readonly nacked: readonly { readonly pod: string; readonly message: string }[];
  readonly waiting: readonly string[];
}

/** `isPushing`: a change is still to go out, so nobody has the newest yet. */
export function propagationOf(
  statuses: readonly ProxyStatus[],
  revision: number,
  isPushing: boolean,
): Propagation {
  const acked: string[] = [];
  const nacked: { pod: string; message: string }[] = [];
  const waiting: string[] = [];
  for (const { proxy, types } of statuses) {
    const all = Object.values(types);
    const refused = all.find(({ state }) => state === 'nacked');
    if (refused) nacked.push({ pod: proxy.id, message: refused.error });
    else if (isPushing || all.some(({ state }) => state === 'stale')) waiting.push(proxy.id);
    else acked.push(proxy.id);
  }
  return { revision, acked, nacked, waiting };
}
