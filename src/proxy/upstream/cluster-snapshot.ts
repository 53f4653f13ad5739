/**
 * Models what GET /clusters tells of clusters and their hosts, as data and as Envoy's text.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters
 */
import type { Micros } from '../../sim/time.ts';
import type { Priority } from './contract.ts';
import type { Host } from './host.ts';

export interface HostSnapshot {
  readonly address: string;
  readonly hostname: string;
  /** "healthy", or flags like "/failed_outlier_check". */
  readonly health: string;
  readonly weight: number;
  readonly priority: number;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  readonly cxActive: number;
  readonly cxTotal: number;
  readonly cxConnectFail: number;
  readonly rqActive: number;
  readonly rqTotal: number;
  readonly rqSuccess: number;
  readonly rqError: number;
  readonly rqTimeout: number;
  /** Percent of the last interval; -1 without. */
  readonly successRate: number;
  readonly localOriginSuccessRate: number;
  /** When an ejection ends; undefined while the host is not ejected. */
  readonly ejectedUntilUs: Micros | undefined;
  readonly ejections: number;
}

export interface LimitSnapshot {
  readonly connectionsMax: number;
  readonly pendingRequestsMax: number;
  readonly requestsMax: number;
  readonly retriesMax: number;
}

export interface ClusterSnapshot {
  readonly name: string;
  readonly isStatic: boolean;
  readonly isWarming: boolean;
  /** "" for a cluster without EDS. */
  readonly edsName: string;
  readonly limits: Readonly<Record<Priority, LimitSnapshot>>;
  readonly successRateAverage: number;
  readonly successRateThreshold: number;
  readonly hosts: readonly HostSnapshot[];
}

export function hostSnapshot(host: Host): HostSnapshot {
  const { address, hostname, healthText: health, weight, priority, locality, monitor } = host;
  const { cxActive, cxTotal, cxConnectFail } = host;
  const { rqActive, rqTotal, rqSuccess, rqError, rqTimeout } = host;
  return {
    address,
    hostname,
    health,
    weight,
    priority,
    ...locality,
    cxActive,
    cxTotal,
    cxConnectFail,
    rqActive,
    rqTotal,
    rqSuccess,
    rqError,
    rqTimeout,
    successRate: monitor?.successRate ?? -1,
    localOriginSuccessRate: monitor?.localOriginSuccessRate ?? -1,
    ejectedUntilUs: monitor && monitor.ejectedUntil > 0 ? monitor.ejectedUntil : undefined,
    ejections: monitor?.ejections ?? 0,
  };
}

/** GET /clusters. */
export function clustersText(clusters: readonly ClusterSnapshot[]): string {
  return clusters
    .filter(({ isWarming }) => !isWarming)
    .flatMap((cluster) => [...clusterLines(cluster), ...cluster.hosts.flatMap(hostLines(cluster))])
    .join('');
}

function clusterLines(cluster: ClusterSnapshot): string[] {
  const line = (key: string, value: string | number | boolean) =>
    `${cluster.name}::${key}::${value}\n`;
  const limits = (priority: Priority) => {
    const { connectionsMax, pendingRequestsMax, requestsMax, retriesMax } =
      cluster.limits[priority];
    return [
      line(`${priority}_priority::max_connections`, connectionsMax),
      line(`${priority}_priority::max_pending_requests`, pendingRequestsMax),
      line(`${priority}_priority::max_requests`, requestsMax),
      line(`${priority}_priority::max_retries`, retriesMax),
    ];
  };
  return [
    line('observability_name', cluster.name),
    line('outlier::success_rate_average', cluster.successRateAverage),
    line('outlier::success_rate_ejection_threshold', cluster.successRateThreshold),
    line('outlier::local_origin_success_rate_average', -1),
    line('outlier::local_origin_success_rate_ejection_threshold', -1),
    ...limits('default'),
    ...limits('high'),
    line('added_via_api', !cluster.isStatic),
    ...(cluster.edsName === '' ? [] : [line('eds_service_name', cluster.edsName)]),
  ];
}

function hostLines(cluster: ClusterSnapshot): (host: HostSnapshot) => string[] {
  return (host) => {
    const line = (key: string, value: string | number | boolean) =>
      `${cluster.name}::${host.address}::${key}::${value}\n`;
    return [
      line('cx_active', host.cxActive),
      line('cx_connect_fail', host.cxConnectFail),
      line('cx_total', host.cxTotal),
      line('rq_active', host.rqActive),
      line('rq_error', host.rqError),
      line('rq_success', host.rqSuccess),
      line('rq_timeout', host.rqTimeout),
      line('rq_total', host.rqTotal),
      line('hostname', host.hostname),
      line('health_flags', host.health),
      line('weight', host.weight),
      line('region', host.region),
      line('zone', host.zone),
      line('sub_zone', host.subZone),
      line('canary', false),
      line('priority', host.priority),
      line('success_rate', host.successRate),
      line('local_origin_success_rate', host.localOriginSuccessRate),
    ];
  };
}
