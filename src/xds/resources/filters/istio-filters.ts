/**
 * Models the filters that exist in Istio's proxy alone: peer metadata, statistics, ALPN.
 *
 * Spec: istio/proxy source/extensions/filters/http/{peer_metadata,istio_stats,alpn}.
 */
import type { Duration } from '../../duration.ts';

/** "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig" */
export interface AlpnFilterConfig {
  alpn_override?: { upstream_protocol?: 'HTTP10' | 'HTTP11' | 'HTTP2'; alpn_override?: string[] }[];
}

export interface PeerMetadataMethod {
  baggage?: object;
  workload_discovery?: object;
  istio_headers?: { skip_external_clusters?: boolean };
}

/** "io.istio.http.peer_metadata.Config" (in a TypedStruct) */
export interface HttpPeerMetadataConfig {
  downstream_discovery?: PeerMetadataMethod[];
  upstream_discovery?: PeerMetadataMethod[];
  downstream_propagation?: PeerMetadataMethod[];
  upstream_propagation?: PeerMetadataMethod[];
  shared_with_upstream?: boolean;
  additional_labels?: string[];
}

/** "envoy.tcp.metadataexchange.config.MetadataExchange" (in a TypedStruct) */
export interface TcpMetadataExchange {
  protocol?: string;
  enable_discovery?: boolean;
}

export interface MetricOverride {
  name?: string;
  drop?: boolean;
  dimensions?: Record<string, string>;
  tags_to_remove?: string[];
  match?: string;
}

/** "stats.PluginConfig" */
export interface StatsPluginConfig {
  disable_host_header_fallback?: boolean;
  tcp_reporting_duration?: Duration;
  metrics?: MetricOverride[];
  reporter?: 'UNSPECIFIED' | 'SERVER_GATEWAY';
}
