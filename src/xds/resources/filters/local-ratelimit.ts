/** Models local rate limits. Spec: envoy extensions/filters/{http,network}/local_ratelimit/v3. */
import type { HeaderValueOption } from '../header-value.ts';
import type { RuntimeFractionalPercent } from '../percent.ts';
import type { LocalRateLimitDescriptor, RateLimit, TokenBucket } from '../rate-limit.ts';

/** "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit" */
export interface HttpLocalRateLimit {
  stat_prefix: string;
  status?: { code?: string | number };
  token_bucket?: TokenBucket;
  filter_enabled?: RuntimeFractionalPercent;
  filter_enforced?: RuntimeFractionalPercent;
  request_headers_to_add_when_not_enforced?: HeaderValueOption[];
  response_headers_to_add?: HeaderValueOption[];
  descriptors?: LocalRateLimitDescriptor[];
  stage?: number;
  local_rate_limit_per_downstream_connection?: boolean;
  enable_x_ratelimit_headers?: 'OFF' | 'DRAFT_VERSION_03';
  vh_rate_limits?: 'OVERRIDE' | 'INCLUDE' | 'IGNORE';
  always_consume_default_token_bucket?: boolean;
  rate_limited_as_resource_exhausted?: boolean;
  rate_limits?: RateLimit[];
}

/** "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit" */
export interface NetworkLocalRateLimit {
  stat_prefix: string;
  token_bucket: TokenBucket;
}

/** "envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit" */
export interface ConnectionLimit {
  stat_prefix: string;
  max_connections: string | number;
  delay?: string;
}
