/**
 * Models the nodes of the cluster: three in one zone each, unless Nodes are given.
 *
 * Spec: https://kubernetes.io/docs/concepts/architecture/nodes/. Simplified: a node has room for
 * everything.
 */
import type { ApiServer } from '../api-server.ts';
import { timestamp } from '../api/timestamp.ts';
import { REGION_LABEL, ZONE_LABEL, type Node } from '../objects/cluster.ts';

const REGION = 'ap-south-1';
const ZONES = ['a', 'b', 'c'];

/** Creates the three default nodes if there is none. */
export function ensureNodes(api: ApiServer): void {
  if (api.list('Node').length > 0) return;
  for (const zone of ZONES)
    api.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `node-${zone}`,
        labels: {
          'kubernetes.io/hostname': `node-${zone}`,
          'kubernetes.io/os': 'linux',
          [REGION_LABEL]: REGION,
          [ZONE_LABEL]: `${REGION}${zone}`,
        },
      },
    });
}

/**
 * Says of each node that it is ready. Where no Node is given at the instant the controllers start,
 * the default ones are made.
 */
export function startNodeController(api: ApiServer): void {
  api.simulation.schedule(0, ensureNodes, api, undefined);
  api.watch<Node>('Node', ({ type, object }) => {
    if (type !== 'ADDED' || object.status?.conditions) return;
    const index = api.list('Node').findIndex((node) => node.metadata.name === object.metadata.name);
    const now = timestamp(api.simulation.now);
    api.updateStatus('Node', '', object.metadata.name, {
      addresses: [
        { type: 'InternalIP', address: `172.18.0.${index + 2}` },
        { type: 'Hostname', address: object.metadata.name },
      ],
      ...object.status,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: now },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.33.1',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        kernelVersion: '6.1.0',
        containerRuntimeVersion: 'containerd://2.1.1',
      },
    });
  });
}
