/**
 * Models GET /clusters: what each cluster thinks of each of its hosts, as text or JSON.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters,
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto
 */
import type { Priority } from '../upstream/contract.ts';
import {
  clustersText,
  type ClusterSnapshot,
  type HostSnapshot,
} from '../upstream/cluster-snapshot.ts';
import { jsonPage, textPage, withoutDefaults, type AdminPage } from './admin-page.ts';

export const clustersPage: AdminPage = ({ clusters }, query) => {
  const isWanted = query.search('filter');
  const wanted = clusters.snapshot().filter(({ name, isWarming }) => !isWarming && isWanted(name));
  if (query.text('format') !== 'json') return textPage(clustersText(wanted));
  return jsonPage(withoutDefaults({ cluster_statuses: wanted.map(clusterStatus) }));
};

function clusterStatus(cluster: ClusterSnapshot): object {
  const threshold = cluster.successRateThreshold;
  return withoutDefaults({
    name: cluster.name,
    added_via_api: !cluster.isStatic,
    success_rate_ejection_threshold: threshold > 0 ? { value: threshold } : undefined,
    host_statuses: cluster.hosts.map(hostStatus),
    circuit_breakers: {
      thresholds: [limits(cluster, 'default'), { priority: 'HIGH', ...limits(cluster, 'high') }],
    },
    observability_name: cluster.name,
    eds_service_name: cluster.edsName,
  });
}

function limits(cluster: ClusterSnapshot, priority: Priority): object {
  const { connectionsMax, pendingRequestsMax, requestsMax, retriesMax } = cluster.limits[priority];
  return {
    max_connections: connectionsMax,
    max_pending_requests: pendingRequestsMax,
    max_requests: requestsMax,
    max_retries: retriesMax,
  };
}

function hostStatus(host: HostSnapshot): object {
  const { region, zone, subZone } = host;
  return withoutDefaults({
    address: { socket_address: socketAddress(host.address) },
    stats: [
      metric('cx_connect_fail', host.cxConnectFail),
      metric('cx_total', host.cxTotal),
      metric('rq_error', host.rqError),
      metric('rq_success', host.rqSuccess),
      metric('rq_timeout', host.rqTimeout),
      metric('rq_total', host.rqTotal),
      metric('cx_active', host.cxActive, 'GAUGE'),
      metric('rq_active', host.rqActive, 'GAUGE'),
    ],
    health_status: healthStatus(host.health),
    success_rate: rate(host.successRate),
    weight: host.weight,
    hostname: host.hostname,
    priority: host.priority,
    local_origin_success_rate: rate(host.localOriginSuccessRate),
    locality: withoutDefaults({ region, zone, sub_zone: subZone }),
  });
}

export function socketAddress(address: string): object {
  const colon = address.lastIndexOf(':');
  const ip = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { address: ip, port_value: Number(address.slice(colon + 1)) };
}

/** 64-bit numbers are texts in protobuf's JSON. */
function metric(name: string, value: number, type?: 'GAUGE'): object {
  return withoutDefaults({ type, value: value === 0 ? '' : String(value), name });
}

/** -1 says that there is none. */
function rate(percent: number): object | undefined {
  return percent < 0 ? undefined : { value: percent };
}

/** `flags` as the text form has them: "healthy", or "/failed_outlier_check/…". */
function healthStatus(flags: string): object {
  const set = new Set(flags.split('/'));
  return withoutDefaults({
    failed_active_health_check: set.has('failed_active_hc'),
    failed_outlier_check: set.has('failed_outlier_check'),
    eds_health_status: edsHealth(set),
    failed_active_degraded_check: set.has('degraded_active_hc'),
    pending_dynamic_removal: set.has('pending_dynamic_removal'),
    pending_active_hc: set.has('pending_active_hc'),
    excluded_via_immediate_hc_fail: set.has('excluded_via_immediate_hc_fail'),
    active_hc_timeout: set.has('active_hc_timeout'),
  });
}

function edsHealth(flags: ReadonlySet<string>): string {
  if (flags.has('eds_status_draining')) return 'DRAINING';
  if (flags.has('failed_eds_health')) return 'UNHEALTHY';
  return flags.has('degraded_eds_health') ? 'DEGRADED' : 'HEALTHY';
}
