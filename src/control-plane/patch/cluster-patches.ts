/**
 * Models EnvoyFilter patches of clusters.
 *
 * Spec: istio pilot/pkg/networking/core/envoyfilter/cluster_patch.go.
 */
import type { Cluster } from '../../xds/resources/cluster.ts';
import type { TransportSocket } from '../../xds/resources/transport-socket.ts';
import { parseClusterName } from '../names.ts';
import { withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { hasPatches, patchesFor, type EnvoyPatch, type PatchContext } from './envoy-filters.ts';
import { mergeFilter, mergeMessages } from './patch-value.ts';

/** `hosts`: of the services behind an inbound cluster, whose name does not tell them. */
export function patchClusters(
  proxy: Proxy,
  context: PatchContext,
  clusters: readonly Cluster[],
  hosts: readonly string[] = [],
): Cluster[] {
  if (!hasPatches(proxy)) return [...clusters];
  const patches = patchesFor(proxy, context, 'CLUSTER');
  const patched = clusters.flatMap((cluster) => patchCluster(cluster, patches, hosts) ?? []);
  const added = patches
    .filter(
      (it) => it.operation === 'ADD' && !(it.context === 'ANY' && context === 'SIDECAR_INBOUND'),
    )
    .map((it) => withOrigin({ ...it.value } as unknown as Cluster, it.origin));
  return [...patched, ...added];
}

function patchCluster(
  given: Cluster,
  patches: readonly EnvoyPatch[],
  hosts: readonly string[],
): Cluster | undefined {
  let cluster = given;
  for (const patch of patches) {
    if (!clusterMatches(cluster, patch, hosts)) continue;
    if (patch.operation === 'REMOVE') return undefined;
    if (patch.operation !== 'MERGE') continue;
    cluster = patch.value['transport_socket']
      ? mergeSocket(cluster, patch.value['transport_socket'] as unknown as TransportSocket)
      : mergeMessages(cluster, patch.value);
  }
  return cluster;
}

/** A patch of the transport socket goes into the socket of that name, and nowhere else. */
function mergeSocket(cluster: Cluster, patch: TransportSocket): Cluster {
  const value = patch as unknown as Readonly<Record<string, unknown>>;
  const matches = cluster.transport_socket_matches;
  if (matches) {
    const at = matches.findIndex((it) => it.transport_socket?.name === patch.name);
    if (at < 0) return cluster;
    const transport_socket_matches = matches.map((it, index) =>
      index === at ? { ...it, transport_socket: mergeFilter(it.transport_socket!, value) } : it,
    );
    return { ...cluster, transport_socket_matches };
  }
  const own = cluster.transport_socket;
  const transport_socket = own?.name === patch.name ? mergeFilter(own, value) : patch;
  return { ...cluster, transport_socket };
}

function clusterMatches(
  cluster: Cluster,
  { match }: EnvoyPatch,
  hosts: readonly string[],
): boolean {
  const wanted = match.cluster;
  if (!wanted) return true;
  if (wanted.name) return wanted.name === cluster.name;
  const parts = parseClusterName(cluster.name);
  const own = parts?.direction === 'inbound' && hosts.length > 0 ? hosts : [parts?.host ?? ''];
  return (
    (!wanted.subset || wanted.subset === parts?.subset) &&
    (!wanted.service || own.includes(wanted.service)) &&
    (!wanted.portNumber || wanted.portNumber === parts?.port)
  );
}
