/** Models retry policies. Spec: envoy config/route/v3/route_components.proto, RetryPolicy. */
import type { Duration } from '../duration.ts';
import type { Int64, TypedExtensionConfig } from './any.ts';
import type { HeaderMatcher } from './header-matcher.ts';

export interface RetryBackOff {
  base_interval: Duration;
  max_interval?: Duration;
}

export interface RateLimitedRetryBackOff {
  reset_headers: { name: string; format?: 'SECONDS' | 'UNIX_TIMESTAMP' }[];
  max_interval?: Duration;
}

export interface RetryPolicy {
  /** Comma-separated: "connect-failure,refused-stream,unavailable". */
  retry_on?: string;
  num_retries?: number;
  per_try_timeout?: Duration;
  per_try_idle_timeout?: Duration;
  retry_priority?: TypedExtensionConfig;
  retry_host_predicate?: TypedExtensionConfig[];
  retry_options_predicates?: TypedExtensionConfig[];
  host_selection_retry_max_attempts?: Int64;
  retriable_status_codes?: number[];
  retry_back_off?: RetryBackOff;
  rate_limited_retry_back_off?: RateLimitedRetryBackOff;
  retriable_headers?: HeaderMatcher[];
  retriable_request_headers?: HeaderMatcher[];
}
