/**
 * Models the DaemonSet controller: one pod on every node.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/. Simplified: a rolling
 * update replaces one pod at a time.
 */
import type { ApiServer } from '../api-server.ts';
import { matchesLabels } from '../labels/selector.ts';
import { templateHash } from '../names/suffix.ts';
import { isPodReady, type Pod } from '../objects/pod.ts';
import type { DaemonSet, DaemonSetStatus } from '../objects/workload.ts';
import type { Micros } from '../../sim/time.ts';
import { controlled, ownerKey, podFromTemplate } from './owner.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

const REVISION_LABEL = 'controller-revision-hash';

export function startDaemonSetController(api: ApiServer, delayUs: Micros): void {
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, key));
  api.watch('DaemonSet', ({ object }) =>
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
  );
  api.watch('Pod', ({ object }) => {
    const owner = ownerKey(object, 'DaemonSet');
    if (owner) queue.add(owner);
  });
  api.watch('Node', ({ type }) => {
    if (type === 'MODIFIED') return;
    for (const { metadata } of api.list('DaemonSet'))
      queue.add(`${metadata.namespace}/${metadata.name}`);
  });
}

function reconcile(api: ApiServer, key: string): void {
  const { namespace, name } = splitKey(key);
  const set = api.get<DaemonSet>('DaemonSet', namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const revision = templateHash(set.spec.template);
  const pods = controlled<Pod>(api, 'Pod', set, set.spec.selector);
  const nodes = eligibleNodes(api, set);
  for (const node of nodes) {
    if (pods.some((pod) => pod.spec.nodeName === node)) continue;
    const labels = { [REVISION_LABEL]: revision };
    const pod = podFromTemplate(set, set.spec.template, { generateName: `${name}-` }, labels);
    api.create({ ...pod, spec: { ...pod.spec, nodeName: node } });
  }
  const outdated = pods.find((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision);
  const isCalm = pods.every((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp);
  if (outdated && isCalm && set.spec.updateStrategy?.type !== 'OnDelete')
    api.delete('Pod', namespace, outdated.metadata.name);
  for (const pod of pods)
    if (!nodes.includes(pod.spec.nodeName ?? '')) api.delete('Pod', namespace, pod.metadata.name);
  const live = controlled<Pod>(api, 'Pod', set, set.spec.selector);
  const ready = live.filter(isPodReady).length;
  const status: DaemonSetStatus = {
    observedGeneration: set.metadata.generation ?? 1,
    currentNumberScheduled: live.length,
    desiredNumberScheduled: nodes.length,
    numberReady: ready,
    numberAvailable: ready,
    updatedNumberScheduled: live.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision)
      .length,
  };
  api.updateStatus('DaemonSet', namespace, name, status);
}

function eligibleNodes(api: ApiServer, set: DaemonSet): string[] {
  const { nodeSelector } = set.spec.template.spec;
  return api
    .list('Node')
    .filter((node) => !nodeSelector || matchesLabels(nodeSelector, node.metadata.labels))
    .map((node) => node.metadata.name);
}
