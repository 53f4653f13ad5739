/** Models clusters: what CDS carries. Spec: envoy config/cluster/v3/cluster.proto. */
import type { Duration } from '../duration.ts';
import type { BindConfig, TcpKeepalive } from './address.ts';
import type { Any, TypedExtensionConfig } from './any.ts';
import type { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterLoadAssignment } from './cluster-load-assignment.ts';
import type { ConfigSource } from './config-source.ts';
import type { Filter } from './filter-chain.ts';
import type { HealthCheck } from './health-check.ts';
import type {
  CommonLbConfig,
  LbPolicy,
  LbSubsetConfig,
  LeastRequestLbConfig,
  LoadBalancingPolicy,
  MaglevLbConfig,
  OriginalDstLbConfig,
  RingHashLbConfig,
  RoundRobinLbConfig,
} from './load-balancing.ts';
import type { Metadata } from './metadata.ts';
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
  UpstreamHttpProtocolOptions,
} from './protocol-options.ts';
import type { OutlierDetection } from './outlier-detection.ts';
import type { TransportSocket, TransportSocketMatch } from './transport-socket.ts';

export type DiscoveryType = 'STATIC' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'EDS' | 'ORIGINAL_DST';

export type DnsLookupFamily = 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL';

export interface Cluster {
  name: string;
  alt_stat_name?: string;
  type?: DiscoveryType;
  cluster_type?: TypedExtensionConfig;
  eds_cluster_config?: { eds_config?: ConfigSource; service_name?: string };
  connect_timeout?: Duration;
  per_connection_buffer_limit_bytes?: number;
  lb_policy?: LbPolicy;
  load_assignment?: ClusterLoadAssignment;
  health_checks?: HealthCheck[];
  circuit_breakers?: CircuitBreakers;
  /** By extension name; HTTP's is "envoy.extensions.upstreams.http.v3.HttpProtocolOptions". */
  typed_extension_protocol_options?: Record<string, Any>;
  /** Deprecated: these four moved to `typed_extension_protocol_options`. */
  common_http_protocol_options?: CommonHttpProtocolOptions;
  http_protocol_options?: Http1ProtocolOptions;
  http2_protocol_options?: Http2ProtocolOptions;
  upstream_http_protocol_options?: UpstreamHttpProtocolOptions;
  dns_refresh_rate?: Duration;
  dns_failure_refresh_rate?: { base_interval: Duration; max_interval?: Duration };
  dns_jitter?: Duration;
  respect_dns_ttl?: boolean;
  dns_lookup_family?: DnsLookupFamily;
  typed_dns_resolver_config?: TypedExtensionConfig;
  wait_for_warm_on_init?: boolean;
  outlier_detection?: OutlierDetection;
  cleanup_interval?: Duration;
  upstream_bind_config?: BindConfig;
  lb_subset_config?: LbSubsetConfig;
  ring_hash_lb_config?: RingHashLbConfig;
  maglev_lb_config?: MaglevLbConfig;
  original_dst_lb_config?: OriginalDstLbConfig;
  least_request_lb_config?: LeastRequestLbConfig;
  round_robin_lb_config?: RoundRobinLbConfig;
  common_lb_config?: CommonLbConfig;
  load_balancing_policy?: LoadBalancingPolicy;
  transport_socket?: TransportSocket;
  transport_socket_matches?: TransportSocketMatch[];
  metadata?: Metadata;
  upstream_connection_options?: { tcp_keepalive?: TcpKeepalive };
  close_connections_on_host_health_failure?: boolean;
  ignore_health_on_host_removal?: boolean;
  filters?: Filter[];
  track_timeout_budgets?: boolean;
  track_cluster_stats?: object;
  connection_pool_per_downstream_connection?: boolean;
}

/** "envoy.extensions.clusters.aggregate.v3.ClusterConfig" */
export interface AggregateClusterConfig {
  clusters: string[];
}
