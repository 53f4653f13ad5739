/**
 * Models how a pod's status follows from its containers.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase;
 * k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go getPhase
 */
import type { Condition } from '../objects/metadata.ts';
import type { ContainerStatus, PodPhase, PodStatus } from '../objects/pod.ts';

/** What a pod on a node is like just now. */
export interface PodFacts {
  readonly restartPolicy: string;
  readonly startTime: string;
  readonly podIp: string | undefined;
  readonly hostIp: string | undefined;
  readonly isInitialized: boolean;
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
}

/** The status at time `now`; conditions that did not change keep their transition time. */
export function podStatus(facts: PodFacts, old: PodStatus | undefined, now: string): PodStatus {
  const phase = podPhase(facts);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const unready = facts.containers.filter((container) => !container.ready);
  const isReady = unready.length === 0 && !isOver;
  const reason = isOver
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : {
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`,
      };
  const initialized = facts.isInitialized ? {} : { reason: 'ContainersNotInitialized' };
  const conditions: Condition[] = [
    condition('PodReadyToStartContainers', facts.podIp !== undefined && !isOver, {}),
    condition('Initialized', facts.isInitialized, initialized),
    condition('Ready', isReady, reason),
    condition('ContainersReady', isReady, reason),
    condition('PodScheduled', true, {}),
  ].map((next) => {
    const before = old?.conditions?.find(({ type }) => type === next.type);
    const isSame = before?.status === next.status && before.lastTransitionTime !== undefined;
    return { ...next, lastTransitionTime: isSame ? before.lastTransitionTime! : now };
  });
  return {
    ...old,
    phase,
    conditions,
    startTime: facts.startTime,
    ...(facts.hostIp && { hostIP: facts.hostIp }),
    ...(facts.podIp && { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] }),
    ...(facts.initContainers.length > 0 && { initContainerStatuses: facts.initContainers }),
    containerStatuses: facts.containers,
  };
}

function condition(
  type: string,
  isTrue: boolean,
  why: { readonly reason?: string; readonly message?: string },
): Condition {
  return isTrue ? { type, status: 'True' } : { type, status: 'False', ...why };
}

function podPhase({
  restartPolicy,
  isInitialized,
  initContainers,
  containers,
}: PodFacts): PodPhase {
  if (!isInitialized) {
    const failed = initContainers.some(({ state }) => (state.terminated?.exitCode ?? 0) !== 0);
    return failed && restartPolicy === 'Never' ? 'Failed' : 'Pending';
  }
  let waiting = 0;
  let running = 0;
  const exits: number[] = [];
  for (const { state, lastState } of containers) {
    const ended = state.terminated ?? lastState?.terminated;
    if (state.running) running += 1;
    else if (ended) exits.push(ended.exitCode);
    else waiting += 1;
  }
  if (waiting > 0) return 'Pending';
  if (running > 0 || restartPolicy === 'Always') return 'Running';
  if (exits.every((exitCode) => exitCode === 0)) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}
