/** Models a sick pod: a share of its answers is 500, whatever was asked. */
import type { FaultRequest } from '../protocol/scene.ts';
import {
  noSuchPod,
  podsOf,
  type FaultError,
  type FaultSize,
  type FaultWorld,
  type Undo,
} from './world.ts';

export const ERROR_RATE_SIZE: FaultSize = { min: 0.1, max: 100, usual: 30, unit: 'percent' };

const PER_MILLION_OF_PERCENT = 10_000;

export function errorRate(world: FaultWorld, request: FaultRequest): Undo | FaultError {
  const pods = podsOf(world, request.target);
  if (pods.length === 0) return noSuchPod(request.target);
  const share = Math.round((request.size ?? ERROR_RATE_SIZE.usual) * PER_MILLION_OF_PERCENT);
  for (const { health } of pods) {
    health.errorPerMillion += share;
    health.errorStatus = 500;
  }
  return () => {
    for (const { health } of pods) health.errorPerMillion -= share;
  };
}
