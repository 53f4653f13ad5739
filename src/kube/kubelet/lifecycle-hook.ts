/**
 * Models postStart and preStop hooks. A hook that only sleeps is the kubelet's; others are the
 * runtime's.
 *
 * Spec: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/. Simplified: no
 * hook fails.
 */
import type { LifecycleHandler } from '../objects/pod.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import type { ContainerHandle } from './runtime.ts';

export function runHook(
  simulation: Simulation,
  handle: ContainerHandle,
  hook: LifecycleHandler,
  done: () => void,
): void {
  const sleepUs = sleepOf(hook);
  if (sleepUs !== undefined) simulation.schedule(sleepUs, done, undefined, undefined);
  else handle.runHook(hook, done);
}

/** How long a hook sleeps, if that is all it does: `sleep: {seconds}` or `sh -c "sleep 5"`. */
function sleepOf(hook: LifecycleHandler): Micros | undefined {
  if (hook.sleep) return hook.sleep.seconds * SECOND;
  const command = hook.exec?.command?.join(' ') ?? '';
  const found = /^(?:(?:\/bin\/)?(?:ba)?sh -c )?(?:\/bin\/)?sleep (\d+(?:\.\d+)?)s?$/.exec(command);
  return found ? Math.round(Number(found[1]) * SECOND) : undefined;
}
