/** Models what the trace keeps of a pod's life: phases, readiness, containers coming and going. */
import type { PodStatus } from '../objects/pod.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { eventKind } from '../../sim/trace.ts';

export const POD_PHASE = eventKind('pod.phase', 'pod$', 'phase$');
export const POD_READY = eventKind('pod.ready', 'pod$', 'ready');
export const CONTAINER = eventKind('pod.container', 'pod$', 'container$', 'change$', 'exitCode');

export function recordPhase(
  simulation: Simulation,
  pod: string,
  phase: string,
  old?: string,
): void {
  if (phase === old) return;
  const { trace, now } = simulation;
  trace.record(POD_PHASE, now, trace.intern(pod), trace.intern(phase));
}

export function recordReady(
  simulation: Simulation,
  pod: string,
  status: PodStatus,
  old: PodStatus | undefined,
): void {
  const isReady = isReadyIn(status);
  if (isReady === isReadyIn(old)) return;
  simulation.trace.record(POD_READY, simulation.now, simulation.trace.intern(pod), isReady ? 1 : 0);
}

export function recordContainer(
  simulation: Simulation,
  pod: string,
  container: string,
  change: 'started' | 'exited',
  exitCode: number,
): void {
  const { trace, now } = simulation;
  const [a, b, c] = [trace.intern(pod), trace.intern(container), trace.intern(change)];
  trace.record(CONTAINER, now, a, b, c, exitCode);
}

function isReadyIn(status: PodStatus | undefined): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  );
}
