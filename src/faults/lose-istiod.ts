/**
 * Models a mesh without its control plane: no pushes, no certificates. Sidecars go on with what
 * they have.
 */
import type { FaultRequest } from '../protocol/scene.ts';
import type { FaultError, FaultWorld, Undo } from './world.ts';

export function loseIstiod(world: FaultWorld, _request: FaultRequest): Undo | FaultError {
  if (!world.istiodRuns) return { error: 'istiod is not running; there is nothing to lose' };
  world.stopIstiod();
  return () => world.startIstiod();
}
