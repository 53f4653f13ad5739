/**
 * Models the StatefulSet controller: pods with a number, made and replaced in order.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/. Simplified: no
 * volume claims; a partition is honoured, history is not kept.
 */
import type { ApiServer } from '../api-server.ts';
import { templateHash } from '../names/suffix.ts';
import { isPodReady, type Pod } from '../objects/pod.ts';
import type { StatefulSet, StatefulSetStatus } from '../objects/workload.ts';
import type { Micros } from '../../sim/time.ts';
import { controlled, ownerKey, podFromTemplate } from './owner.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

const REVISION_LABEL = 'controller-revision-hash';

export function startStatefulSetController(api: ApiServer, delayUs: Micros): void {
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, key));
  api.watch('StatefulSet', ({ object }) =>
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
  );
  api.watch('Pod', ({ object }) => {
    const owner = ownerKey(object, 'StatefulSet');
    if (owner) queue.add(owner);
  });
}

function reconcile(api: ApiServer, key: string): void {
  const { namespace, name } = splitKey(key);
  const set = api.get<StatefulSet>('StatefulSet', namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const revision = `${name}-${templateHash(set.spec.template)}`;
  const pods = new Map(
    controlled<Pod>(api, 'Pod', set, set.spec.selector).map((pod) => [ordinalOf(pod), pod]),
  );
  act(api, set, revision, pods);
  const live = controlled<Pod>(api, 'Pod', set, set.spec.selector);
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: live.length,
    readyReplicas: live.filter(isPodReady).length,
    availableReplicas: live.filter(isPodReady).length,
    currentReplicas: live.length,
    updatedReplicas: live.filter((pod) => revisionOf(pod) === revision).length,
    updateRevision: revision,
  };
  api.updateStatus('StatefulSet', namespace, name, status);
}

/** One step in order; with podManagementPolicy Parallel all creations and deletions at once. */
function act(
  api: ApiServer,
  set: StatefulSet,
  revision: string,
  pods: ReadonlyMap<number, Pod>,
): void {
  const replicas = set.spec.replicas ?? 1;
  const isParallel = set.spec.podManagementPolicy === 'Parallel';
  for (let ordinal = 0; ordinal < replicas; ordinal++) {
    const pod = pods.get(ordinal);
    if (!pod) api.create(ordinalPod(set, ordinal, revision));
    if (!isParallel && (!pod || !isPodReady(pod) || pod.metadata.deletionTimestamp)) return;
  }
  const surplus = [...pods].filter(([ordinal]) => ordinal >= replicas).sort(([a], [b]) => b - a);
  for (const [, pod] of surplus) {
    remove(api, pod);
    if (!isParallel) return;
  }
  if (set.spec.updateStrategy?.type === 'OnDelete') return;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let ordinal = replicas - 1; ordinal >= partition; ordinal--) {
    const pod = pods.get(ordinal);
    if (pod && revisionOf(pod) !== revision) {
      remove(api, pod);
      return;
    }
    if (!pod || !isPodReady(pod)) return;
  }
}

function remove(api: ApiServer, pod: Pod): void {
  if (!pod.metadata.deletionTimestamp)
    api.delete('Pod', pod.metadata.namespace!, pod.metadata.name);
}

function ordinalPod(set: StatefulSet, ordinal: number, revision: string): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    [REVISION_LABEL]: revision,
    'statefulset.kubernetes.io/pod-name': name,
  };
  const pod = podFromTemplate(set, set.spec.template, { name }, labels);
  const subdomain = set.spec.serviceName;
  return { ...pod, spec: { ...pod.spec, hostname: name, ...(subdomain && { subdomain }) } };
}

function ordinalOf(pod: Pod): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}

function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL];
}
