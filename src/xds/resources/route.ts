/** Models one route: match and action. Spec: envoy config/route/v3/route_components.proto, Route. */
import type { Any, TypedExtensionConfig } from './any.ts';
import type { CookieMatcher, HeaderMatcher, QueryParameterMatcher } from './header-matcher.ts';
import type { HeaderMutations } from './header-value.ts';
import type { FilterStateMatcher, MetadataMatcher } from './metadata-matcher.ts';
import type { Metadata } from './metadata.ts';
import type { RuntimeFractionalPercent } from './percent.ts';
import type { DirectResponseAction, RedirectAction, RouteAction } from './route-action.ts';
import type { RegexMatcher } from './string-matcher.ts';
import type { RouteTracing } from './tracing.ts';

/** One of the path specifiers is set. */
export interface RouteMatch {
  prefix?: string;
  path?: string;
  safe_regex?: RegexMatcher;
  path_separated_prefix?: string;
  path_match_policy?: TypedExtensionConfig;
  connect_matcher?: object;
  case_sensitive?: boolean;
  runtime_fraction?: RuntimeFractionalPercent;
  headers?: HeaderMatcher[];
  query_parameters?: QueryParameterMatcher[];
  cookies?: CookieMatcher[];
  grpc?: object;
  tls_context?: { presented?: boolean; validated?: boolean };
  dynamic_metadata?: MetadataMatcher[];
  filter_state?: FilterStateMatcher[];
}

export interface Route extends HeaderMutations {
  name?: string;
  match: RouteMatch;
  route?: RouteAction;
  redirect?: RedirectAction;
  direct_response?: DirectResponseAction;
  filter_action?: object;
  non_forwarding_action?: object;
  metadata?: Metadata;
  decorator?: { operation: string; propagate?: boolean };
  /** By filter name. */
  typed_per_filter_config?: Record<string, Any>;
  tracing?: RouteTracing;
  per_request_buffer_limit_bytes?: number;
  request_body_buffer_limit?: string | number;
  stat_prefix?: string;
}

/** "envoy.config.route.v3.FilterConfig" in typed_per_filter_config. */
export interface RouteFilterConfig {
  config?: Any;
  is_optional?: boolean;
  disabled?: boolean;
}
