/** Models JWT authentication. Spec: envoy extensions/filters/http/jwt_authn/v3/config.proto. */
import type { Duration } from '../../duration.ts';
import type { DataSource } from '../data-source.ts';
import type { HttpUri } from '../service.ts';
import type { RouteMatch } from '../route.ts';
import type { StringMatcher } from '../string-matcher.ts';

export interface JwtHeader {
  name: string;
  value_prefix?: string;
}

export interface JwtProvider {
  issuer?: string;
  audiences?: string[];
  subjects?: StringMatcher;
  require_expiration?: boolean;
  max_lifetime?: Duration;
  remote_jwks?: { http_uri?: HttpUri; cache_duration?: Duration; async_fetch?: object };
  local_jwks?: DataSource;
  forward?: boolean;
  from_headers?: JwtHeader[];
  from_params?: string[];
  from_cookies?: string[];
  forward_payload_header?: string;
  pad_forward_payload_header?: boolean;
  payload_in_metadata?: string;
  header_in_metadata?: string;
  failed_status_in_metadata?: string;
  normalize_payload_in_metadata?: { space_delimited_claims?: string[] };
  clock_skew_seconds?: number;
  claim_to_headers?: { header_name: string; claim_name: string }[];
  clear_route_cache?: boolean;
}

/** Exactly one of the fields is set; none means "no requirement". */
export interface JwtRequirement {
  provider_name?: string;
  provider_and_audiences?: { provider_name?: string; audiences?: string[] };
  requires_any?: { requirements: JwtRequirement[] };
  requires_all?: { requirements: JwtRequirement[] };
  allow_missing_or_failed?: object;
  allow_missing?: object;
  extract_only_without_validation?: object;
}

export interface JwtRequirementRule {
  match: RouteMatch;
  requires?: JwtRequirement;
  requirement_name?: string;
}

/** "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication" */
export interface JwtAuthentication {
  providers?: Record<string, JwtProvider>;
  rules?: JwtRequirementRule[];
  bypass_cors_preflight?: boolean;
  requirement_map?: Record<string, JwtRequirement>;
  strip_failure_response?: boolean;
}

/** "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig" */
export interface JwtPerRouteConfig {
  disabled?: boolean;
  requirement_name?: string;
}
