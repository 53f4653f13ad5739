/** Models the CORS policy of a route. Spec: envoy extensions/filters/http/cors/v3/cors.proto. */
import type { RuntimeFractionalPercent } from '../percent.ts';
import type { StringMatcher } from '../string-matcher.ts';

/** "envoy.extensions.filters.http.cors.v3.CorsPolicy", per route; the filter itself is "…Cors". */
export interface CorsPolicy {
  allow_origin_string_match?: StringMatcher[];
  allow_methods?: string;
  allow_headers?: string;
  expose_headers?: string;
  max_age?: string;
  allow_credentials?: boolean;
  filter_enabled?: RuntimeFractionalPercent;
  shadow_enabled?: RuntimeFractionalPercent;
  allow_private_network_access?: boolean;
  forward_not_matching_preflights?: boolean;
}
