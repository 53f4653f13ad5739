/**
 * Models the ReplicaSet controller: as many pods as asked for.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/;
 * k8s.io/kubernetes/pkg/controller/replicaset. Simplified: no slow start.
 */
import type { ApiServer } from '../api-server.ts';
import { isPodReady, type Pod } from '../objects/pod.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../objects/workload.ts';
import { timeOf } from '../api/timestamp.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { activePods, controlled, ownerKey, podFromTemplate } from './owner.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

export function startReplicaSetController(api: ApiServer, delayUs: Micros): void {
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, queue, key));
  api.watch('ReplicaSet', ({ object }) =>
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
  );
  api.watch('Pod', ({ object }) => {
    const owner = ownerKey(object, 'ReplicaSet');
    if (owner) queue.add(owner);
  });
}

function reconcile(api: ApiServer, queue: WorkQueue, key: string): void {
  const { namespace, name } = splitKey(key);
  const set = api.get<ReplicaSet>('ReplicaSet', namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const pods = activePods(controlled<Pod>(api, 'Pod', set, set.spec.selector));
  const missing = (set.spec.replicas ?? 1) - pods.length;
  for (let i = 0; i < missing; i++) {
    const result = api.create(
      podFromTemplate(set, set.spec.template, { generateName: `${name}-` }),
    );
    if (result.ok) continue;
    // Quota, a webhook that is away: tried again, as the controller does, a little later.
    queue.addAfter(key, 5 * SECOND);
    break;
  }
  if (missing < 0)
    for (const pod of surplus(pods, -missing)) api.delete('Pod', namespace, pod.metadata.name);
  updateStatus(api, queue, set, pods);
}

function updateStatus(api: ApiServer, queue: WorkQueue, set: ReplicaSet, before: Pod[]): void {
  const now = api.simulation.now;
  const pods = before.filter((pod) => {
    const stored = api.get<Pod>('Pod', pod.metadata.namespace!, pod.metadata.name);
    return stored && !stored.metadata.deletionTimestamp;
  });
  const created = controlled<Pod>(api, 'Pod', set, set.spec.selector);
  const ready = pods.filter(isPodReady);
  const minReadyUs = (set.spec.minReadySeconds ?? 0) * SECOND;
  const available = ready.filter((pod) => {
    const since = readySince(pod) ?? now;
    if (now - since >= minReadyUs) return true;
    queue.addAfter(`${set.metadata.namespace}/${set.metadata.name}`, minReadyUs - (now - since));
    return false;
  });
  const status: ReplicaSetStatus = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: activePods(created).length,
    fullyLabeledReplicas: activePods(created).length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
  };
  api.updateStatus('ReplicaSet', set.metadata.namespace!, set.metadata.name, status);
}

function readySince(pod: Pod): Micros | undefined {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  return timeOf(ready?.lastTransitionTime);
}

/** Which pods to give up: the least far on first, then the youngest. */
export function surplus(pods: readonly Pod[], count: number): Pod[] {
  const ranked = pods.map((pod, at) => ({ pod, rank: progress(pod), at }));
  ranked.sort((a, b) => a.rank - b.rank || b.at - a.at);
  return ranked.slice(0, count).map(({ pod }) => pod);
}

function progress(pod: Pod): number {
  if (!pod.spec.nodeName) return 0;
  if (pod.status?.phase !== 'Running') return 1;
  return isPodReady(pod) ? 3 : 2;
}
