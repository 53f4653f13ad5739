/** Models what a route does with a request. Spec: envoy config/route/v3/route_components.proto, RouteAction. */
import type { Duration } from '../duration.ts';
import type { Any, TypedExtensionConfig } from './any.ts';
import type { DataSource } from './data-source.ts';
import type { HeaderMutations } from './header-value.ts';
import type { Metadata } from './metadata.ts';
import type { RuntimeFractionalPercent } from './percent.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { RegexMatchAndSubstitute } from './string-matcher.ts';

export interface HashPolicy {
  header?: { header_name: string; regex_rewrite?: RegexMatchAndSubstitute };
  cookie?: {
    name: string;
    ttl?: Duration;
    path?: string;
    attributes?: { name: string; value?: string }[];
  };
  connection_properties?: { source_ip?: boolean };
  query_parameter?: { name: string };
  filter_state?: { key: string };
  /** A match ends the evaluation. */
  terminal?: boolean;
}

export interface ClusterWeight extends HeaderMutations {
  name?: string;
  cluster_header?: string;
  weight?: number;
  metadata_match?: Metadata;
  host_rewrite_literal?: string;
  typed_per_filter_config?: Record<string, Any>;
}

export interface WeightedCluster {
  clusters: ClusterWeight[];
  total_weight?: number;
  runtime_key_prefix?: string;
  header_name?: string;
}

export interface RequestMirrorPolicy {
  cluster?: string;
  cluster_header?: string;
  runtime_fraction?: RuntimeFractionalPercent;
  trace_sampled?: boolean;
  disable_shadow_host_suffix_append?: boolean;
}

export interface UpgradeConfig {
  upgrade_type: string;
  enabled?: boolean;
  connect_config?: { proxy_protocol_config?: object; allow_post?: boolean };
}

export interface MaxStreamDuration {
  max_stream_duration?: Duration;
  grpc_timeout_header_max?: Duration;
  grpc_timeout_header_offset?: Duration;
}

export type ClusterNotFoundResponseCode =
  'SERVICE_UNAVAILABLE' | 'NOT_FOUND' | 'INTERNAL_SERVER_ERROR';

export interface RouteAction {
  cluster?: string;
  cluster_header?: string;
  weighted_clusters?: WeightedCluster;
  cluster_specifier_plugin?: string;
  cluster_not_found_response_code?: ClusterNotFoundResponseCode;
  metadata_match?: Metadata;
  prefix_rewrite?: string;
  regex_rewrite?: RegexMatchAndSubstitute;
  path_rewrite_policy?: TypedExtensionConfig;
  host_rewrite_literal?: string;
  auto_host_rewrite?: boolean;
  host_rewrite_header?: string;
  host_rewrite_path_regex?: RegexMatchAndSubstitute;
  append_x_forwarded_host?: boolean;
  timeout?: Duration;
  idle_timeout?: Duration;
  retry_policy?: RetryPolicy;
  request_mirror_policies?: RequestMirrorPolicy[];
  priority?: 'DEFAULT' | 'HIGH';
  rate_limits?: RateLimit[];
  include_vh_rate_limits?: boolean;
  hash_policy?: HashPolicy[];
  max_grpc_timeout?: Duration;
  grpc_timeout_offset?: Duration;
  upgrade_configs?: UpgradeConfig[];
  internal_redirect_policy?: object;
  hedge_policy?: object;
  max_stream_duration?: MaxStreamDuration;
}

export type RedirectResponseCode =
  'MOVED_PERMANENTLY' | 'FOUND' | 'SEE_OTHER' | 'TEMPORARY_REDIRECT' | 'PERMANENT_REDIRECT';

export interface RedirectAction {
  https_redirect?: boolean;
  scheme_redirect?: string;
  host_redirect?: string;
  port_redirect?: number;
  path_redirect?: string;
  prefix_rewrite?: string;
  regex_rewrite?: RegexMatchAndSubstitute;
  response_code?: RedirectResponseCode;
  strip_query?: boolean;
}

export interface DirectResponseAction {
  status: number;
  body?: DataSource;
}
