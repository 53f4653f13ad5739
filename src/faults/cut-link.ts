/**
 * Models a cut between two ends, "A -> B": nothing gets through in either direction. Open
 * connections stall, new ones wait for an answer that does not come.
 *
 * An end is a pod, a workload (all its pods, also later ones), "external" or "istiod".
 */
import type { FaultRequest } from '../protocol/scene.ts';
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import { podsOf, type FaultError, type FaultWorld, type Undo } from './world.ts';

export function cutLink(world: FaultWorld, { target }: FaultRequest): Undo | FaultError {
  const ends = target.split('->').map((end) => end.trim());
  const [one, other] = ends;
  if (ends.length !== 2 || !one || !other)
    return { error: `"${target}" does not name two ends; write "A.NS -> B.NS"` };
  for (const end of [one, other])
    if (podsOf(world, end).length === 0 && !world.machine(end))
      return { error: `no pod, workload or machine is called "${end}"` };
  const isAt = (namespace: NetworkNamespace, end: string): boolean =>
    world.machine(end) === namespace ||
    podsOf(world, end).some(({ network }) => network === namespace);
  return world.network.addLinkRule((from, to, condition) => {
    if ((isAt(from, one) && isAt(to, other)) || (isAt(from, other) && isAt(to, one)))
      condition.partitioned = true;
  });
}
