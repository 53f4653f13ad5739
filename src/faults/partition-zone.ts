/**
 * Models a zone that has lost its way to the others: inside it everything works, across its border
 * nothing passes.
 */
import type { FaultRequest } from '../protocol/scene.ts';
import type { FaultError, FaultWorld, Undo } from './world.ts';

export function partitionZone(world: FaultWorld, { target }: FaultRequest): Undo | FaultError {
  if (!world.zones.includes(target))
    return { error: `no zone is called "${target}"; there are ${world.zones.join(', ')}` };
  return world.network.addLinkRule((from, to, condition) => {
    if ((from.zone === target) !== (to.zone === target)) condition.partitioned = true;
  });
}
