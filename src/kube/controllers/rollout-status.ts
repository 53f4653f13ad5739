/**
 * Models what a Deployment says of its rollout: counts, and the conditions Available and
 * Progressing.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status;
 * k8s.io/kubernetes/pkg/controller/deployment/progress.go
 */
import { deepEqual, without } from '../api/merge.ts';
import { timestamp } from '../api/timestamp.ts';
import type { Condition } from '../objects/metadata.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../objects/workload.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { rolloutBounds } from './rolling-update.ts';

export interface RolloutStatus {
  readonly status: DeploymentStatus;
  /** It has just moved on and is not at its end: look again when its deadline is over. */
  readonly checkAfterUs: Micros | undefined;
}

/** The status that follows from the ReplicaSets at time `now`. */
export function rolloutStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: Micros,
): RolloutStatus {
  const { status: old, spec } = deployment;
  const counts = countReplicas(deployment, sets, newSet);
  const wanted = spec.replicas ?? 1;
  const isComplete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted;
  const hasMoved = !old?.conditions || !deepEqual(without(old, 'conditions'), counts);
  const deadlineUs = (spec.progressDeadlineSeconds ?? 600) * SECOND;
  const before = old?.conditions?.find(({ type }) => type === 'Progressing');
  const name = `ReplicaSet "${newSet?.metadata.name}"`;
  const time = timestamp(now);
  let progressing = before;
  if (isComplete) {
    if (before?.reason !== 'NewReplicaSetAvailable')
      progressing = progress(
        'NewReplicaSetAvailable',
        `${name} has successfully progressed.`,
        time,
      );
  } else if (hasMoved || !before) {
    progressing = progress('ReplicaSetUpdated', `${name} is progressing.`, time);
  } else if (isOverdue(before, now - deadlineUs)) {
    const message = `${name} has timed out progressing.`;
    progressing = { ...progress('ProgressDeadlineExceeded', message, time), status: 'False' };
  }
  const minAvailable = wanted - rolloutBounds(deployment).maxUnavailable;
  const available = availability((counts.availableReplicas ?? 0) >= minAvailable, old, time);
  return {
    status: { ...counts, conditions: [available, progressing!] },
    checkAfterUs: !isComplete && hasMoved ? deadlineUs + SECOND : undefined,
  };
}

function countReplicas(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): DeploymentStatus {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    sets.reduce((count, set) => count + (set.status?.[field] ?? 0), 0);
  const wanted = deployment.spec.replicas ?? 1;
  const [replicas, available] = [sum('replicas'), sum('availableReplicas')];
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, Math.max(wanted, replicas) - available),
  };
}

function progress(reason: string, message: string, time: string): Condition {
  return {
    type: 'Progressing',
    status: 'True',
    reason,
    message,
    lastTransitionTime: time,
    lastUpdateTime: time,
  };
}

function isOverdue({ status, lastUpdateTime = '' }: Condition, limit: Micros): boolean {
  return status === 'True' && lastUpdateTime < timestamp(Math.max(0, limit));
}

function availability(
  isAvailable: boolean,
  old: DeploymentStatus | undefined,
  time: string,
): Condition {
  const status = isAvailable ? 'True' : 'False';
  const before = old?.conditions?.find(({ type }) => type === 'Available');
  if (before?.status === status) return before;
  return {
    type: 'Available',
    status,
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
    lastTransitionTime: time,
    lastUpdateTime: time,
  };
}
