/**
 * Models limits of connections and requests. Istio opens Envoy's breakers wide unless asked.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_traffic_policy.go, applyConnectionPool.
 */
import type { ConnectionPool, TcpKeepalive } from '../../istio/kinds/connection-pool.ts';
import { durationUs } from '../../istio/kinds/duration.ts';
import type { RetryBudget } from '../../istio/kinds/traffic-policy.ts';
import type { Protocol } from '../../istio/protocol.ts';
import { isHttp } from '../../istio/protocol.ts';
import { SECOND } from '../../sim/time.ts';
import type { CircuitBreakerThresholds } from '../../xds/resources/circuit-breakers.ts';
import type { CommonHttpProtocolOptions } from '../../xds/resources/protocol-options.ts';
import { xdsDuration } from '../duration.ts';
import type { Mesh } from '../mesh-config.ts';
import type { ClusterDraft } from './draft.ts';

const UNLIMITED = 4294967295;

export function applyConnectionPool(
  draft: ClusterDraft,
  pool: ConnectionPool,
  mesh: Mesh,
  retryBudget?: RetryBudget,
): void {
  const { http = {}, tcp = {} } = pool;
  const { cluster } = draft;
  cluster.connect_timeout = xdsDuration(tcp.connectTimeout ?? mesh.connectTimeout);
  cluster.circuit_breakers = { thresholds: [thresholds(pool, retryBudget)] };
  applyKeepalive(draft, mesh.tcpKeepalive, tcp.tcpKeepalive);
  const idle = http.idleTimeout ?? tcp.idleTimeout;
  const common: CommonHttpProtocolOptions = {
    ...(idle !== undefined && { idle_timeout: xdsDuration(idle) }),
    ...(http.maxRequestsPerConnection && {
      max_requests_per_connection: http.maxRequestsPerConnection,
    }),
    ...(tcp.maxConnectionDuration !== undefined && {
      max_connection_duration: xdsDuration(tcp.maxConnectionDuration),
    }),
  };
  const streams = http.maxConcurrentStreams ?? 0;
  if (Object.keys(common).length > 0 || streams > 0) {
    const options = draft.httpOptions();
    options.common_http_protocol_options = { ...options.common_http_protocol_options, ...common };
    const http2 = options.explicit_http_config?.http2_protocol_options;
    if (http2 && streams > 0) http2.max_concurrent_streams = streams;
  }
  if (http.useClientProtocol) draft.useDownstreamProtocol();
}

function thresholds(
  { http = {}, tcp = {} }: ConnectionPool,
  budget: RetryBudget | undefined,
): CircuitBreakerThresholds {
  return {
    max_connections: tcp.maxConnections || UNLIMITED,
    max_pending_requests: http.http1MaxPendingRequests || UNLIMITED,
    max_requests: http.http2MaxRequests || UNLIMITED,
    max_retries: http.maxRetries || UNLIMITED,
    ...(budget && {
      retry_budget: {
        budget_percent: percent(budget.percent ?? 20),
        min_retry_concurrency: budget.minRetryConcurrency || 3,
      },
    }),
  };
}

/** A Percent of 0 is an empty message. */
export function percent(value: number): { value?: number } {
  return value === 0 ? {} : { value };
}

function applyKeepalive(draft: ClusterDraft, ...given: (TcpKeepalive | undefined)[]): void {
  const settings = given.filter((it) => it !== undefined);
  if (settings.length === 0) return;
  const merged: TcpKeepalive = Object.assign({}, ...settings);
  const seconds = (text: string) => Math.trunc(durationUs(text) / SECOND);
  draft.cluster.upstream_connection_options = {
    tcp_keepalive: {
      ...(merged.probes && { keepalive_probes: merged.probes }),
      ...(merged.time !== undefined && { keepalive_time: seconds(merged.time) }),
      ...(merged.interval !== undefined && { keepalive_interval: seconds(merged.interval) }),
    },
  };
}

/** Whether HTTP/1.1 requests travel as HTTP/2: the rule's word, else the mesh's. */
export function upgradesToHttp2(pool: ConnectionPool, protocol: Protocol, mesh: Mesh): boolean {
  if (pool.http?.useClientProtocol) return false;
  if (pool.http?.h2UpgradePolicy === 'UPGRADE') return true;
  if (pool.http?.h2UpgradePolicy === 'DO_NOT_UPGRADE') return false;
  return isHttp(protocol) && mesh.h2UpgradePolicy === 'UPGRADE';
}
