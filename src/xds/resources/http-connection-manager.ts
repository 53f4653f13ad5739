/**
 * Models the HTTP connection manager.
 *
 * Spec: envoy extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto.
 */
import type { Duration } from '../duration.ts';
import type { AccessLog, AccessLogFilter, SubstitutionFormatString } from './access-log.ts';
import type { CidrRange } from './address.ts';
import type { Any, TypedExtensionConfig } from './any.ts';
import type { ConfigSource, ExtensionConfigSource } from './config-source.ts';
import type { DataSource } from './data-source.ts';
import type { HeaderValueOption } from './header-value.ts';
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from './protocol-options.ts';
import type { RouteConfiguration } from './route-configuration.ts';
import type { HttpTracing } from './tracing.ts';

export interface HttpFilter {
  name: string;
  typed_config?: Any;
  config_discovery?: ExtensionConfigSource;
  is_optional?: boolean;
  disabled?: boolean;
}

export interface Rds {
  config_source: ConfigSource;
  route_config_name?: string;
}

export type ForwardClientCertDetails =
  'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';

export interface SetCurrentClientCertDetails {
  subject?: boolean;
  cert?: boolean;
  chain?: boolean;
  dns?: boolean;
  uri?: boolean;
}

export interface LocalReplyMapper {
  filter: AccessLogFilter;
  status_code?: number;
  body?: DataSource;
  body_format_override?: SubstitutionFormatString;
  headers_to_add?: HeaderValueOption[];
}

export interface LocalReplyConfig {
  mappers?: LocalReplyMapper[];
  body_format?: SubstitutionFormatString;
}

export interface HttpUpgradeConfig {
  upgrade_type?: string;
  filters?: HttpFilter[];
  enabled?: boolean;
}

export type PathWithEscapedSlashesAction =
  | 'IMPLEMENTATION_SPECIFIC_DEFAULT'
  | 'KEEP_UNCHANGED'
  | 'REJECT_REQUEST'
  | 'UNESCAPE_AND_REDIRECT'
  | 'UNESCAPE_AND_FORWARD';

/** "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager" */
export interface HttpConnectionManager {
  codec_type?: 'AUTO' | 'HTTP1' | 'HTTP2' | 'HTTP3';
  stat_prefix: string;
  rds?: Rds;
  route_config?: RouteConfiguration;
  scoped_routes?: object;
  http_filters?: HttpFilter[];
  add_user_agent?: boolean;
  tracing?: HttpTracing;
  common_http_protocol_options?: CommonHttpProtocolOptions;
  http_protocol_options?: Http1ProtocolOptions;
  http2_protocol_options?: Http2ProtocolOptions;
  server_name?: string;
  server_header_transformation?: 'OVERWRITE' | 'APPEND_IF_ABSENT' | 'PASS_THROUGH';
  scheme_header_transformation?: { scheme_to_overwrite?: string; match_upstream?: boolean };
  max_request_headers_kb?: number;
  stream_idle_timeout?: Duration;
  request_timeout?: Duration;
  request_headers_timeout?: Duration;
  drain_timeout?: Duration;
  delayed_close_timeout?: Duration;
  access_log?: AccessLog[];
  use_remote_address?: boolean;
  xff_num_trusted_hops?: number;
  original_ip_detection_extensions?: TypedExtensionConfig[];
  early_header_mutation_extensions?: TypedExtensionConfig[];
  internal_address_config?: { unix_sockets?: boolean; cidr_ranges?: CidrRange[] };
  skip_xff_append?: boolean;
  via?: string;
  generate_request_id?: boolean;
  preserve_external_request_id?: boolean;
  always_set_request_id_in_response?: boolean;
  forward_client_cert_details?: ForwardClientCertDetails;
  set_current_client_cert_details?: SetCurrentClientCertDetails;
  proxy_100_continue?: boolean;
  upgrade_configs?: HttpUpgradeConfig[];
  normalize_path?: boolean;
  merge_slashes?: boolean;
  path_with_escaped_slashes_action?: PathWithEscapedSlashesAction;
  request_id_extension?: { typed_config?: Any };
  local_reply_config?: LocalReplyConfig;
  strip_matching_host_port?: boolean;
  strip_any_host_port?: boolean;
  strip_trailing_host_dot?: boolean;
  stream_error_on_invalid_http_message?: boolean;
  add_proxy_protocol_connection_state?: boolean;
}
