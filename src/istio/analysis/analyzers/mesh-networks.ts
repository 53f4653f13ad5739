/**
 * Networks of the mesh whose endpoints come from a registry that nobody knows.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0126/
 */
import type { Analyzer } from '../context.ts';
import { resourceOf } from '../resource.ts';

const REGISTRIES = ['Mock', 'Kubernetes', 'External'];
const REMOTE_SECRET = 'istio/multiCluster';

export const meshNetworksAnalyzer: Analyzer = {
  name: 'multicluster.MeshNetworksAnalyzer',
  run(context) {
    const clusters = context
      .all('Secret')
      .filter(({ labels }) => labels[REMOTE_SECRET] === 'true')
      .flatMap(({ object }) => [
        ...Object.keys((object['data'] ?? {}) as object),
        ...Object.keys((object['stringData'] ?? {}) as object),
      ]);
    const known = new Set([...REGISTRIES, ...clusters]);
    const networks = resourceOf(
      {
        apiVersion: 'v1',
        kind: 'MeshNetworks',
        metadata: { name: 'meshnetworks', namespace: context.istioNamespace },
      },
      context.istioNamespace,
    );
    if (!networks) return;
    for (const [name, { endpoints = [] }] of Object.entries(context.meshNetworks.networks ?? {}))
      for (const { fromRegistry } of endpoints)
        if (fromRegistry !== undefined && !known.has(fromRegistry))
          context.report('UnknownMeshNetworksServiceRegistry', networks, [fromRegistry, name]);
  },
};
