/** Models fault injection. Spec: envoy extensions/filters/http/fault/v3/fault.proto, common/fault/v3. */
import type { Duration } from '../../duration.ts';
import type { Int64 } from '../any.ts';
import type { HeaderMatcher } from '../header-matcher.ts';
import type { FractionalPercent } from '../percent.ts';

export interface FaultDelay {
  fixed_delay?: Duration;
  header_delay?: object;
  percentage?: FractionalPercent;
}

export interface FaultAbort {
  http_status?: number;
  grpc_status?: number;
  header_abort?: object;
  percentage?: FractionalPercent;
}

export interface FaultRateLimit {
  fixed_limit?: { limit_kbps: Int64 };
  header_limit?: object;
  percentage?: FractionalPercent;
}

/** "envoy.extensions.filters.http.fault.v3.HTTPFault", as the filter's config and per route. */
export interface HttpFault {
  delay?: FaultDelay;
  abort?: FaultAbort;
  upstream_cluster?: string;
  headers?: HeaderMatcher[];
  downstream_nodes?: string[];
  max_active_faults?: number;
  response_rate_limit?: FaultRateLimit;
  delay_percent_runtime?: string;
  abort_percent_runtime?: string;
  abort_http_status_runtime?: string;
}
