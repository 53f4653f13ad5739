/**
 * Models the configuration of HTTP filters that fit in a few lines each.
 *
 * Spec: envoy extensions/filters/http/{router,buffer,header_mutation,header_to_metadata,
 * stateful_session,grpc_stats,lua}/v3, extensions/http/stateful_session/cookie/v3.
 */
import type { Duration } from '../../duration.ts';
import type { TypedExtensionConfig } from '../any.ts';
import type { DataSource } from '../data-source.ts';
import type { HeaderValueOption } from '../header-value.ts';
import type { RegexMatchAndSubstitute } from '../string-matcher.ts';

/** "envoy.extensions.filters.http.router.v3.Router" */
export interface Router {
  dynamic_stats?: boolean;
  start_child_span?: boolean;
  suppress_envoy_headers?: boolean;
  strict_check_headers?: string[];
  respect_expected_rq_timeout?: boolean;
}

/** "envoy.extensions.filters.http.buffer.v3.Buffer" */
export interface Buffer {
  max_request_bytes: number;
}

/** "envoy.extensions.filters.http.buffer.v3.BufferPerRoute" */
export interface BufferPerRoute {
  disabled?: boolean;
  buffer?: Buffer;
}

export interface HeaderMutation {
  remove?: string;
  append?: HeaderValueOption;
}

interface Mutations {
  request_mutations?: HeaderMutation[];
  response_mutations?: HeaderMutation[];
}

/** "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation", also as "…PerRoute". */
export interface HeaderMutationConfig {
  mutations?: Mutations;
  most_specific_header_mutations_wins?: boolean;
}

export interface HeaderToMetadataKeyValue {
  metadata_namespace?: string;
  key: string;
  value?: string;
  regex_value_rewrite?: RegexMatchAndSubstitute;
  type?: 'STRING' | 'NUMBER' | 'PROTOBUF_VALUE';
  encode?: 'NONE' | 'BASE64';
}

export interface HeaderToMetadataRule {
  header?: string;
  cookie?: string;
  on_header_present?: HeaderToMetadataKeyValue;
  on_header_missing?: HeaderToMetadataKeyValue;
  remove?: boolean;
}

/** "envoy.extensions.filters.http.header_to_metadata.v3.Config" */
export interface HeaderToMetadata {
  request_rules?: HeaderToMetadataRule[];
  response_rules?: HeaderToMetadataRule[];
}

/** "envoy.extensions.filters.http.stateful_session.v3.StatefulSession" */
export interface StatefulSession {
  session_state?: TypedExtensionConfig;
  strict?: boolean;
}

/** "envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute" */
export interface StatefulSessionPerRoute {
  disabled?: boolean;
  stateful_session?: StatefulSession;
}

/** "envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState" */
export interface CookieBasedSessionState {
  cookie: { name: string; ttl?: Duration; path?: string };
}

/** "envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState" */
export interface HeaderBasedSessionState {
  name: string;
}

/** "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig" */
export interface GrpcStats {
  emit_filter_state?: boolean;
  stats_for_all_methods?: boolean;
}

/** "envoy.extensions.filters.http.lua.v3.Lua" */
export interface Lua {
  inline_code?: string;
  default_source_code?: DataSource;
  source_codes?: Record<string, DataSource>;
}
