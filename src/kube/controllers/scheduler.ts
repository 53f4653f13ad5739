/**
 * Models the scheduler: a new pod goes to the node that has fewest of its kind, then fewest at all.
 *
 * Spec: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/. Simplified: no
 * resources, affinity, taints or topology constraints; nodeSelector and cordons count.
 */
import type { ApiServer } from '../api-server.ts';
import { timestamp } from '../api/timestamp.ts';
import { matchesLabels } from '../labels/selector.ts';
import type { Node } from '../objects/cluster.ts';
import type { Pod } from '../objects/pod.ts';
import { controllerOf } from './owner.ts';

export function startScheduler(api: ApiServer): void {
  const placed = new Placements();
  const unplaced = new Set<string>();
  const place = (pod: Pod) => {
    const { namespace, name } = pod.metadata;
    const stored = api.get<Pod>('Pod', namespace!, name);
    if (!stored || stored.spec.nodeName || stored.metadata.deletionTimestamp) return;
    const node = bestNode(api, stored, placed);
    if (!node) {
      unplaced.add(`${namespace}/${name}`);
      reportUnschedulable(api, stored);
      return;
    }
    unplaced.delete(`${namespace}/${name}`);
    placed.add(groupOf(stored), node);
    api.patch('Pod', namespace!, name, { spec: { nodeName: node } });
  };
  api.watch<Pod>('Pod', ({ type, object, old }) => {
    if (type === 'DELETED') {
      if (object.spec.nodeName) placed.remove(groupOf(object), object.spec.nodeName);
      unplaced.delete(`${object.metadata.namespace}/${object.metadata.name}`);
    } else if (type === 'ADDED') {
      if (object.spec.nodeName) placed.add(groupOf(object), object.spec.nodeName);
      else place(object);
    } else if (old && !object.spec.nodeName && old.spec !== object.spec) place(object);
  });
  api.watch<Node>('Node', () => {
    for (const key of [...unplaced]) {
      const [namespace = '', name = ''] = key.split('/');
      const pod = api.get<Pod>('Pod', namespace, name);
      if (pod) place(pod);
      else unplaced.delete(key);
    }
  });
}

/** Pods of one group are spread. */
function groupOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${controllerOf(pod)?.name ?? pod.metadata.name}`;
}

/** How many pods stand on each node, by group and in all. */
class Placements {
  readonly #counts = new Map<string, number>();

  count(group: string, node: string): number {
    return this.#counts.get(`${group} ${node}`) ?? 0;
  }

  add(group: string, node: string): void {
    this.#change(group, node, 1);
  }

  remove(group: string, node: string): void {
    this.#change(group, node, -1);
  }

  #change(group: string, node: string, by: number): void {
    for (const name of [group, '']) {
      const count = this.count(name, node) + by;
      if (count > 0) this.#counts.set(`${name} ${node}`, count);
      else this.#counts.delete(`${name} ${node}`);
    }
  }
}

function bestNode(api: ApiServer, pod: Pod, placed: Placements): string | undefined {
  let best: { name: string; group: number; all: number } | undefined;
  for (const node of api.list<Node>('Node')) {
    if (node.spec?.unschedulable) continue;
    if (pod.spec.nodeSelector && !matchesLabels(pod.spec.nodeSelector, node.metadata.labels))
      continue;
    const { name } = node.metadata;
    const group = placed.count(groupOf(pod), name);
    const all = placed.count('', name);
    if (!best || group < best.group || (group === best.group && all < best.all))
      best = { name, group, all };
  }
  return best?.name;
}

function reportUnschedulable(api: ApiServer, pod: Pod): void {
  const nodes = api.list<Node>('Node');
  const cordoned = nodes.filter((node) => node.spec?.unschedulable).length;
  const reasons = [
    ...(cordoned > 0 ? [`${cordoned} node(s) were unschedulable`] : []),
    ...(nodes.length > cordoned
      ? [`${nodes.length - cordoned} node(s) didn't match Pod's node affinity/selector`]
      : []),
  ];
  const message =
    nodes.length === 0
      ? 'no nodes available to schedule pods'
      : `0/${nodes.length} nodes are available: ${reasons.join(', ')}.`;
  const { namespace, name } = pod.metadata;
  api.updateStatus('Pod', namespace!, name, {
    ...pod.status,
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message,
        lastTransitionTime: timestamp(api.simulation.now),
      },
    ],
  });
}
