/**
 * Models the Deployment controller: one ReplicaSet a template, replaced step by step.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/;
 * k8s.io/kubernetes/pkg/controller/deployment. Simplified: a Deployment scaled in the middle of a
 * rollout is not scaled proportionally.
 */
import type { ApiServer } from '../api-server.ts';
import { deepEqual, without } from '../api/merge.ts';
import { templateHash } from '../names/suffix.ts';
import type { StringMap } from '../objects/metadata.ts';
import type { Pod, PodTemplateSpec } from '../objects/pod.ts';
import type { Deployment, ReplicaSet } from '../objects/workload.ts';
import type { Micros } from '../../sim/time.ts';
import { controlled, controllerReference, ownerKey } from './owner.ts';
import { newSetReplicas, oldSetScales, rolloutBounds, total } from './rolling-update.ts';
import { rolloutStatus } from './rollout-status.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

export function startDeploymentController(api: ApiServer, delayUs: Micros): void {
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, queue, key));
  api.watch('Deployment', ({ object }) =>
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
  );
  api.watch<ReplicaSet>('ReplicaSet', ({ object }) => {
    const owner = ownerKey(object, 'Deployment');
    if (owner) queue.add(owner);
  });
  // "Recreate" waits until the last old pod is gone, which no ReplicaSet reports.
  api.watch<Pod>('Pod', ({ type, object }) => {
    const set = type === 'DELETED' ? ownerKey(object, 'ReplicaSet') : undefined;
    const owner = set && api.get('ReplicaSet', ...pair(set));
    const deployment = owner && ownerKey(owner, 'Deployment');
    if (deployment) queue.add(deployment);
  });
}

function pair(key: string): [string, string] {
  const { namespace, name } = splitKey(key);
  return [namespace, name];
}

function reconcile(api: ApiServer, queue: WorkQueue, key: string): void {
  const { namespace, name } = splitKey(key);
  const deployment = api.get<Deployment>('Deployment', namespace, name);
  if (!deployment || deployment.metadata.deletionTimestamp) return;
  const sets = controlled<ReplicaSet>(api, 'ReplicaSet', deployment, deployment.spec.selector);
  const newSet = ensureNewSet(api, deployment, sets);
  if (newSet && !deployment.spec.paused) {
    const oldSets = sets.filter((set) => set.metadata.name !== newSet.metadata.name);
    if (deployment.spec.strategy?.type === 'Recreate') recreate(api, deployment, newSet, oldSets);
    else roll(api, deployment, newSet, oldSets);
    forgetOldRevisions(api, deployment, oldSets);
  }
  updateStatus(api, queue, deployment);
}

/** The set of the current template: found, brought to the newest revision, or made. */
function ensureNewSet(
  api: ApiServer,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const { template } = deployment.spec;
  const newest = Math.max(0, ...sets.map(revisionOf));
  const existing = sets.find((set) => sameTemplate(set.spec.template, template));
  if (existing) {
    if (revisionOf(existing) === newest) return existing;
    const revision = String(newest + 1);
    annotateRevision(api, deployment, revision);
    const annotations = { ...existing.metadata.annotations, [REVISION_ANNOTATION]: revision };
    const result = api.update({ ...existing, metadata: { ...existing.metadata, annotations } });
    return result.ok ? result.object : existing;
  }
  if (deployment.spec.paused) return undefined;
  annotateRevision(api, deployment, String(newest + 1));
  const made = api.create(newReplicaSet(deployment, sets, String(newest + 1)));
  return made.ok ? made.object : undefined;
}

function annotateRevision(api: ApiServer, deployment: Deployment, revision: string): void {
  const { namespace, name } = deployment.metadata;
  const annotations = { [REVISION_ANNOTATION]: revision };
  api.patch('Deployment', namespace!, name, { metadata: { annotations } });
}

function newReplicaSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  revision: string,
): ReplicaSet {
  const { name, namespace } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template);
  const labels: StringMap = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const bounds = rolloutBounds(deployment);
  const isRecreate = deployment.spec.strategy?.type === 'Recreate';
  const replicas =
    isRecreate && total(sets) > 0 ? 0 : newSetReplicas(deployment, 0, total(sets), bounds);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace: namespace!,
      labels,
      annotations: { ...deployment.metadata.annotations, [REVISION_ANNOTATION]: revision },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds && { minReadySeconds }),
      selector: {
        ...selector,
        matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

function roll(
  api: ApiServer,
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): void {
  const bounds = rolloutBounds(deployment);
  const current = newSet.spec.replicas ?? 0;
  const all = current + total(oldSets);
  const wanted = newSetReplicas(deployment, current, all, bounds);
  if (wanted !== current) {
    scale(api, newSet, wanted);
    return;
  }
  if (total(oldSets) === 0) return;
  for (const [name, replicas] of oldSetScales(deployment, newSet, oldSets, bounds))
    scale(
      api,
      oldSets.find((set) => set.metadata.name === name)!,
      replicas,
    );
}

/** All old pods go before the first new one comes. */
function recreate(
  api: ApiServer,
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): void {
  for (const set of oldSets) if ((set.spec.replicas ?? 0) > 0) scale(api, set, 0);
  const left = oldSets.some(
    (set) => controlled<Pod>(api, 'Pod', set, set.spec.selector).length > 0,
  );
  const wanted = deployment.spec.replicas ?? 1;
  if (!left && newSet.spec.replicas !== wanted) scale(api, newSet, wanted);
}

function scale(api: ApiServer, set: ReplicaSet, replicas: number): void {
  api.patch('ReplicaSet', set.metadata.namespace!, set.metadata.name, { spec: { replicas } });
}

function forgetOldRevisions(
  api: ApiServer,
  deployment: Deployment,
  oldSets: readonly ReplicaSet[],
): void {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const idle = oldSets
    .filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of idle.slice(0, Math.max(0, idle.length - limit)))
    api.delete('ReplicaSet', set.metadata.namespace!, set.metadata.name);
}

function updateStatus(api: ApiServer, queue: WorkQueue, before: Deployment): void {
  const { namespace, name } = before.metadata;
  const deployment = api.get<Deployment>('Deployment', namespace!, name)!;
  const sets = controlled<ReplicaSet>(api, 'ReplicaSet', deployment, deployment.spec.selector);
  const newSet = sets.find((set) => sameTemplate(set.spec.template, deployment.spec.template));
  const { status, checkAfterUs } = rolloutStatus(deployment, sets, newSet, api.simulation.now);
  api.updateStatus('Deployment', namespace!, name, status);
  if (checkAfterUs !== undefined) queue.addAfter(`${namespace}/${name}`, checkAfterUs);
}

export function revisionOf(object: ReplicaSet | Deployment): number {
  return Number(object.metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}

/** Equal but for the hash that the controller itself adds. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const labels = without({ ...template.metadata?.labels }, TEMPLATE_HASH_LABEL);
  return { ...template, metadata: { ...template.metadata, labels } };
}
