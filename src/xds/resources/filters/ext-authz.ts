/** Models external authorization. Spec: envoy extensions/filters/{http,network}/ext_authz/v3/ext_authz.proto. */
import type { HeaderValueOption, HeaderValue } from '../header-value.ts';
import type { MetadataMatcher } from '../metadata-matcher.ts';
import type { RuntimeFeatureFlag, RuntimeFractionalPercent } from '../percent.ts';
import type { GrpcService, HttpUri } from '../service.ts';
import type { ListStringMatcher } from '../string-matcher.ts';

export interface AuthorizationRequest {
  headers_to_add?: HeaderValue[];
}

export interface AuthorizationResponse {
  allowed_upstream_headers?: ListStringMatcher;
  allowed_upstream_headers_to_append?: ListStringMatcher;
  allowed_client_headers?: ListStringMatcher;
  allowed_client_headers_on_success?: ListStringMatcher;
  dynamic_metadata_from_headers?: ListStringMatcher;
}

export interface ExtAuthzHttpService {
  server_uri?: HttpUri;
  path_prefix?: string;
  authorization_request?: AuthorizationRequest;
  authorization_response?: AuthorizationResponse;
}

export interface BufferSettings {
  max_request_bytes: number;
  allow_partial_message?: boolean;
  pack_as_bytes?: boolean;
}

/** "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz" */
export interface HttpExtAuthz {
  grpc_service?: GrpcService;
  http_service?: ExtAuthzHttpService;
  transport_api_version?: string;
  failure_mode_allow?: boolean;
  failure_mode_allow_header_add?: boolean;
  with_request_body?: BufferSettings;
  clear_route_cache?: boolean;
  /** StatusCode enum: a number, or its name or digits as text. */
  status_on_error?: { code?: string | number };
  metadata_context_namespaces?: string[];
  filter_enabled?: RuntimeFractionalPercent;
  filter_enabled_metadata?: MetadataMatcher;
  deny_at_disable?: RuntimeFeatureFlag;
  include_peer_certificate?: boolean;
  stat_prefix?: string;
  allowed_headers?: ListStringMatcher;
  disallowed_headers?: ListStringMatcher;
  include_tls_session?: boolean;
  response_headers_to_add?: HeaderValueOption[];
}

/** "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute" */
export interface ExtAuthzPerRoute {
  disabled?: boolean;
  check_settings?: {
    context_extensions?: Record<string, string>;
    disable_request_body_buffering?: boolean;
    with_request_body?: BufferSettings;
  };
}

/** "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz" */
export interface NetworkExtAuthz {
  stat_prefix: string;
  grpc_service?: GrpcService;
  failure_mode_allow?: boolean;
  include_peer_certificate?: boolean;
  transport_api_version?: string;
  filter_enabled_metadata?: MetadataMatcher;
}
