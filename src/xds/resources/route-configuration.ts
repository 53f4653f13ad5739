/** Models route tables: what RDS carries. Spec: envoy config/route/v3/route.proto, VirtualHost. */
import type { Any, TypedExtensionConfig } from './any.ts';
import type { HeaderMatcher } from './header-matcher.ts';
import type { HeaderMutations } from './header-value.ts';
import type { Metadata } from './metadata.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { HashPolicy, RequestMirrorPolicy } from './route-action.ts';
import type { Route } from './route.ts';
import type { CorsPolicy } from './filters/cors.ts';

export interface VirtualCluster {
  name: string;
  headers?: HeaderMatcher[];
}

export interface VirtualHost extends HeaderMutations {
  name: string;
  domains: string[];
  routes?: Route[];
  require_tls?: 'NONE' | 'EXTERNAL_ONLY' | 'ALL';
  virtual_clusters?: VirtualCluster[];
  rate_limits?: RateLimit[];
  cors?: CorsPolicy;
  typed_per_filter_config?: Record<string, Any>;
  include_request_attempt_count?: boolean;
  include_attempt_count_in_response?: boolean;
  include_is_timeout_retry_header?: boolean;
  retry_policy?: RetryPolicy;
  per_request_buffer_limit_bytes?: number;
  request_mirror_policies?: RequestMirrorPolicy[];
  metadata?: Metadata;
}

export interface RouteConfiguration extends HeaderMutations {
  name?: string;
  virtual_hosts?: VirtualHost[];
  vhds?: object;
  internal_only_headers?: string[];
  most_specific_header_mutations_wins?: boolean;
  validate_clusters?: boolean;
  max_direct_response_body_size_bytes?: number;
  cluster_specifier_plugins?: { extension: TypedExtensionConfig; is_optional?: boolean }[];
  request_mirror_policies?: RequestMirrorPolicy[];
  ignore_port_in_host_matching?: boolean;
  ignore_path_parameters_in_path_matching?: boolean;
  typed_per_filter_config?: Record<string, Any>;
  hash_policy?: HashPolicy[];
  metadata?: Metadata;
}
