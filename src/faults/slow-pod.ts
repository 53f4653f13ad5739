/** Models a pod that has become slow: every request waits before the application looks at it. */
import type { FaultRequest } from '../protocol/scene.ts';
import { MS } from '../sim/time.ts';
import {
  noSuchPod,
  podsOf,
  type FaultError,
  type FaultSize,
  type FaultWorld,
  type Undo,
} from './world.ts';

export const SLOW_POD_SIZE: FaultSize = { min: 1, max: 60_000, usual: 1_000, unit: 'ms' };

export function slowPod(world: FaultWorld, request: FaultRequest): Undo | FaultError {
  const pods = podsOf(world, request.target);
  if (pods.length === 0) return noSuchPod(request.target);
  const delayUs = Math.round((request.size ?? SLOW_POD_SIZE.usual) * MS);
  // Added and taken away again, so that several faults may strike one pod and end in any order.
  for (const { health } of pods) health.delayUs += delayUs;
  return () => {
    for (const { health } of pods) health.delayUs -= delayUs;
  };
}
