/**
 * Models the choice of load balancing: least request unless asked otherwise.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_traffic_policy.go, applyLoadBalancer.
 */
import type { ConsistentHash, LoadBalancer } from '../../istio/kinds/load-balancer.ts';
import type { Cluster } from '../../xds/resources/cluster.ts';
import type { SlowStartConfig } from '../../xds/resources/load-balancing.ts';
import { xdsDuration } from '../duration.ts';
import { percent } from './connection-pool.ts';

const DEFAULT_RING_SIZE = 1024;

export function applyLoadBalancer(cluster: Cluster, given: LoadBalancer | undefined): void {
  if (cluster.lb_policy === 'CLUSTER_PROVIDED') return;
  if (cluster.type === 'ORIGINAL_DST') {
    cluster.lb_policy = 'CLUSTER_PROVIDED';
    return;
  }
  const slowStart = given && slowStartConfig(given);
  switch (given?.simple) {
    case 'RANDOM':
      cluster.lb_policy = 'RANDOM';
      break;
    case 'ROUND_ROBIN':
      delete cluster.lb_policy;
      if (slowStart) cluster.round_robin_lb_config = { slow_start_config: slowStart };
      break;
    case 'PASSTHROUGH':
      cluster.lb_policy = 'CLUSTER_PROVIDED';
      cluster.type = 'ORIGINAL_DST';
      delete cluster.load_assignment;
      break;
    default:
      cluster.lb_policy = 'LEAST_REQUEST';
      if (slowStart) cluster.least_request_lb_config = { slow_start_config: slowStart };
  }
  if (given?.consistentHash) applyConsistentHash(cluster, given.consistentHash);
}

function slowStartConfig({
  warmup,
  warmupDurationSecs,
}: LoadBalancer): SlowStartConfig | undefined {
  if (warmup)
    return {
      slow_start_window: xdsDuration(warmup.duration),
      aggression: { default_value: warmup.aggression ?? 1, runtime_key: '(' },
      min_weight_percent: percent(warmup.minimumPercent ?? 10),
    };
  if (warmupDurationSecs === undefined) return undefined;
  return { slow_start_window: xdsDuration(warmupDurationSecs) };
}

function applyConsistentHash(cluster: Cluster, hash: ConsistentHash): void {
  delete cluster.least_request_lb_config;
  if (hash.maglev) {
    cluster.lb_policy = 'MAGLEV';
    const { tableSize } = hash.maglev;
    if (tableSize) cluster.maglev_lb_config = { table_size: String(tableSize) };
    return;
  }
  cluster.lb_policy = 'RING_HASH';
  const size = hash.ringHash
    ? hash.ringHash.minimumRingSize
    : hash.minimumRingSize || DEFAULT_RING_SIZE;
  if (size) cluster.ring_hash_lb_config = { minimum_ring_size: String(size) };
}
