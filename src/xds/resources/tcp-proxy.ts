/** Models the TCP proxy filter. Spec: envoy extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto. */
import type { Duration } from '../duration.ts';
import type { AccessLog } from './access-log.ts';
import type { Metadata } from './metadata.ts';

export interface TcpClusterWeight {
  name: string;
  weight?: number;
  metadata_match?: Metadata;
}

export interface TcpHashPolicy {
  source_ip?: object;
  filter_state?: { key: string };
}

/** "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy" */
export interface TcpProxy {
  stat_prefix: string;
  cluster?: string;
  weighted_clusters?: { clusters: TcpClusterWeight[] };
  metadata_match?: Metadata;
  idle_timeout?: Duration;
  downstream_idle_timeout?: Duration;
  upstream_idle_timeout?: Duration;
  access_log?: AccessLog[];
  access_log_options?: object;
  max_connect_attempts?: number;
  hash_policy?: TcpHashPolicy[];
  tunneling_config?: { hostname?: string };
  max_downstream_connection_duration?: Duration;
}
