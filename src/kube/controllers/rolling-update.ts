/**
 * Models the arithmetic of a rolling update: how many pods may be too many or too few.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment;
 * k8s.io/kubernetes/pkg/controller/deployment/rolling.go
 */
import type { IntOrString } from '../objects/metadata.ts';
import type { Deployment, ReplicaSet } from '../objects/workload.ts';

export interface RolloutBounds {
  /** Pods above the wanted number, at most. */
  readonly maxSurge: number;
  /** Pods missing from the wanted number, at most. */
  readonly maxUnavailable: number;
}

/** Surge rounds up, unavailability rounds down; both zero would stand still, so 0/0 is 0/1. */
export function rolloutBounds(deployment: Deployment): RolloutBounds {
  const { replicas = 1, strategy } = deployment.spec;
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, replicas, Math.ceil);
  const unavailable = scaled(maxUnavailable, replicas, Math.floor);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function scaled(value: IntOrString, of: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value);
  return percent ? round((Number(percent[1]) * of) / 100) : Number(value) || 0;
}

/** How many replicas the new set may have now. */
export function newSetReplicas(
  deployment: Deployment,
  newReplicas: number,
  allReplicas: number,
  bounds: RolloutBounds,
): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (newReplicas >= wanted) return wanted;
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  const room = wanted + bounds.maxSurge - allReplicas;
  return room <= 0 ? newReplicas : newReplicas + Math.min(room, wanted - newReplicas);
}

/**
 * How far the old sets are scaled down now, by name. Pods that are not available go first: they
 * serve nobody.
 */
export function oldSetScales(
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
  bounds: RolloutBounds,
): Map<string, number> {
  const scales = new Map<string, number>();
  const wanted = deployment.spec.replicas ?? 1;
  const minAvailable = wanted - bounds.maxUnavailable;
  const all = total([newSet, ...oldSets]);
  const newUnavailable = (newSet.spec.replicas ?? 0) - (newSet.status?.availableReplicas ?? 0);
  let removable = all - minAvailable - newUnavailable;
  if (removable <= 0) return scales;
  let availableLeft = 0;
  for (const set of [newSet, ...oldSets]) availableLeft += set.status?.availableReplicas ?? 0;
  for (const set of oldSets) {
    const replicas = set.spec.replicas ?? 0;
    const unhealthy = Math.max(0, replicas - (set.status?.availableReplicas ?? 0));
    const drop = Math.min(removable, unhealthy);
    if (drop === 0) continue;
    scales.set(set.metadata.name, replicas - drop);
    removable -= drop;
  }
  let spare = availableLeft - minAvailable;
  for (const set of oldSets) {
    const replicas = scales.get(set.metadata.name) ?? set.spec.replicas ?? 0;
    const drop = Math.min(Math.max(spare, 0), replicas);
    if (drop === 0) continue;
    scales.set(set.metadata.name, replicas - drop);
    spare -= drop;
  }
  return scales;
}

export function total(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
}
