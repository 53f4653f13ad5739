/** Models HTTP protocol options. Spec: envoy config/core/v3/protocol.proto, extensions/upstreams/http/v3. */
import type { Duration } from '../duration.ts';
import type { TypedExtensionConfig } from './any.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { HashPolicy } from './route-action.ts';
import type { HttpFilter } from './http-connection-manager.ts';

/** core.v3.HttpProtocolOptions: options of both HTTP versions. */
export interface CommonHttpProtocolOptions {
  idle_timeout?: Duration;
  max_connection_duration?: Duration;
  max_headers_count?: number;
  max_response_headers_kb?: number;
  max_stream_duration?: Duration;
  headers_with_underscores_action?: 'ALLOW' | 'REJECT_REQUEST' | 'DROP_HEADER';
  max_requests_per_connection?: number;
}

export interface Http1ProtocolOptions {
  allow_absolute_url?: boolean;
  accept_http_10?: boolean;
  default_host_for_http_10?: string;
  header_key_format?: object;
  enable_trailers?: boolean;
  override_stream_error_on_invalid_http_message?: boolean;
  allow_custom_methods?: boolean;
}

export interface Http2ProtocolOptions {
  hpack_table_size?: number;
  max_concurrent_streams?: number;
  initial_stream_window_size?: number;
  initial_connection_window_size?: number;
  allow_connect?: boolean;
  override_stream_error_on_invalid_http_message?: boolean;
  connection_keepalive?: { interval?: Duration; timeout?: Duration };
}

export interface UpstreamHttpProtocolOptions {
  auto_sni?: boolean;
  auto_san_validation?: boolean;
  override_auto_sni_header?: string;
}

interface HttpVersions {
  http_protocol_options?: Http1ProtocolOptions;
  http2_protocol_options?: Http2ProtocolOptions;
}

/** "envoy.extensions.upstreams.http.v3.HttpProtocolOptions" in typed_extension_protocol_options. */
export interface HttpProtocolOptions {
  common_http_protocol_options?: CommonHttpProtocolOptions;
  upstream_http_protocol_options?: UpstreamHttpProtocolOptions;
  explicit_http_config?: HttpVersions;
  use_downstream_protocol_config?: HttpVersions;
  auto_config?: HttpVersions;
  http_filters?: HttpFilter[];
  outlier_detection?: { error_matcher?: object };
  shadow_policies?: object[];
  retry_policy?: RetryPolicy;
  hash_policy?: HashPolicy[];
  header_validation_config?: TypedExtensionConfig;
}
