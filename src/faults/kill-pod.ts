/**
 * Models a pod that dies from one moment to the next (out of memory, a node that is gone): its
 * connections break, nobody says goodbye. What owns it starts another.
 */
import type { FaultRequest } from '../protocol/scene.ts';
import { noSuchPod, podsOf, type FaultError, type FaultWorld, type Undo } from './world.ts';

export function killPod(world: FaultWorld, { target }: FaultRequest): Undo | FaultError {
  const pods = podsOf(world, target);
  if (pods.length === 0) return noSuchPod(target);
  for (const { id } of pods) world.killPod(id);
  return () => {
    // The dead do not come back: their owner has started others.
  };
}
