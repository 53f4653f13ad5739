/**
 * Models the clusters every proxy has: onwards to where the client meant, and nowhere.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_builder.go, buildDefaultPassthroughCluster.
 */
import type { Cluster } from '../../xds/resources/cluster.ts';
import { xdsDuration } from '../duration.ts';
import { TCP_METADATA_EXCHANGE } from '../filters/network-filters.ts';
import type { Mesh } from '../mesh-config.ts';
import {
  BLACK_HOLE_CLUSTER,
  delimited,
  INBOUND_PASSTHROUGH_CLUSTER,
  PASSTHROUGH_CLUSTER,
} from '../names.ts';
import { applyConnectionPool } from './connection-pool.ts';
import { ClusterDraft } from './draft.ts';

export function blackHoleCluster(mesh: Mesh): Cluster {
  return {
    name: BLACK_HOLE_CLUSTER,
    alt_stat_name: delimited(BLACK_HOLE_CLUSTER),
    type: 'STATIC',
    connect_timeout: xdsDuration(mesh.connectTimeout),
  };
}

export function passthroughCluster(mesh: Mesh): Cluster {
  return { ...originalDestination(mesh, PASSTHROUGH_CLUSTER), filters: [TCP_METADATA_EXCHANGE] };
}

/** It binds an address of its own, by which iptables knows it and does not capture it again. */
export function inboundPassthroughCluster(mesh: Mesh): Cluster {
  return {
    ...originalDestination(mesh, INBOUND_PASSTHROUGH_CLUSTER),
    upstream_bind_config: { source_address: { address: '127.0.0.6', port_value: 0 } },
  };
}

function originalDestination(mesh: Mesh, name: string): Cluster {
  const draft = new ClusterDraft({
    name,
    alt_stat_name: delimited(PASSTHROUGH_CLUSTER),
    type: 'ORIGINAL_DST',
    lb_policy: 'CLUSTER_PROVIDED',
  });
  draft.httpOptions().common_http_protocol_options = { idle_timeout: '300s' };
  draft.useDownstreamProtocol();
  applyConnectionPool(draft, {}, mesh);
  return draft.build();
}
