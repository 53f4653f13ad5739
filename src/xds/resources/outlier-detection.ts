/** Models outlier detection. Spec: envoy config/cluster/v3/outlier_detection.proto. */
import type { Duration } from '../duration.ts';

export interface OutlierDetection {
  consecutive_5xx?: number;
  interval?: Duration;
  base_ejection_time?: Duration;
  max_ejection_percent?: number;
  enforcing_consecutive_5xx?: number;
  enforcing_success_rate?: number;
  success_rate_minimum_hosts?: number;
  success_rate_request_volume?: number;
  success_rate_stdev_factor?: number;
  consecutive_gateway_failure?: number;
  enforcing_consecutive_gateway_failure?: number;
  split_external_local_origin_errors?: boolean;
  consecutive_local_origin_failure?: number;
  enforcing_consecutive_local_origin_failure?: number;
  enforcing_local_origin_success_rate?: number;
  failure_percentage_threshold?: number;
  enforcing_failure_percentage?: number;
  enforcing_failure_percentage_local_origin?: number;
  failure_percentage_minimum_hosts?: number;
  failure_percentage_request_volume?: number;
  max_ejection_time?: Duration;
  max_ejection_time_jitter?: Duration;
  successful_active_health_check_uneject_host?: boolean;
  always_eject_one_host?: boolean;
}
