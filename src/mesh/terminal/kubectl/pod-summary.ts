/**
 * Models the READY, STATUS and RESTARTS columns of a pod.
 *
 * Spec: k8s.io/kubernetes/pkg/printers/internalversion printPod
 */
import type { ContainerStatus, Pod } from '../../../kube/objects/pod.ts';
import { isPodReady } from '../../../kube/objects/pod.ts';
import type { Micros } from '../../../sim/time.ts';
import { age } from './age.ts';

export interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

export function summarize(pod: Pod, now: Micros): PodSummary {
  const containers = pod.status?.containerStatuses ?? [];
  const sidecars = (pod.status?.initContainerStatuses ?? []).filter((status) =>
    isNativeSidecar(pod, status.name),
  );
  const counted = [...containers, ...sidecars];
  const total =
    pod.spec.containers.length +
    (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
      .length;
  const ready = counted.filter((status) => status.ready && status.state.running).length;
  return {
    ready: `${ready}/${total}`,
    status: statusOf(pod, containers),
    restarts: restartsOf(counted, now),
  };
}

function isNativeSidecar(pod: Pod, name: string): boolean {
  return (pod.spec.initContainers ?? []).some(
    (container) => container.name === name && container.restartPolicy === 'Always',
  );
}

function statusOf(pod: Pod, containers: readonly ContainerStatus[]): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const initializing = initStatus(pod);
  if (initializing) return initializing;
  let reason: string = pod.status?.reason ?? pod.status?.phase ?? 'Pending';
  let hasRunning = false;
  for (const { state, ready } of [...containers].reverse()) {
    const { waiting, terminated, running } = state;
    if (waiting) reason = waiting.reason;
    else if (terminated) reason = terminated.reason || `ExitCode:${terminated.exitCode}`;
    else if (running && ready) hasRunning = true;
  }
  if (reason === 'Completed' && hasRunning) return isPodReady(pod) ? 'Running' : 'NotReady';
  return reason;
}

/** "Init:0/1" while init containers run; undefined once they are through. */
function initStatus(pod: Pod): string | undefined {
  const all = pod.spec.initContainers ?? [];
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [at, { state, started, name }] of statuses.entries()) {
    if (state.terminated?.exitCode === 0) continue;
    if (isNativeSidecar(pod, name) && started) continue;
    if (state.terminated) return `Init:${state.terminated.reason || 'Error'}`;
    const reason = state.waiting?.reason;
    return reason && reason !== 'PodInitializing' && reason !== 'ContainerCreating'
      ? `Init:${reason}`
      : `Init:${at}/${all.length}`;
  }
  return undefined;
}

function restartsOf(containers: readonly ContainerStatus[], now: Micros): string {
  const count = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const last = containers
    .map(({ lastState }) => lastState?.terminated?.finishedAt ?? '')
    .sort()
    .at(-1);
  return count > 0 && last ? `${count} (${age(now, last)} ago)` : String(count);
}
