/**
 * Models the settings of outlier detection, with Envoy's defaults.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/outlier_detection.proto
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import { durationUs, flag, number, type Json } from './proto-json.ts';

/** Ways to be found an outlier, as statistics name them. */
export type EjectionKind =
  | 'consecutive_5xx'
  | 'consecutive_gateway_failure'
  | 'consecutive_local_origin_failure'
  | 'success_rate'
  | 'local_origin_success_rate'
  | 'failure_percentage'
  | 'local_origin_failure_percentage';

export interface OutlierConfig {
  readonly intervalUs: Micros;
  readonly baseEjectionUs: Micros;
  readonly ejectionMaxUs: Micros;
  readonly jitterMaxUs: Micros;
  readonly ejectionPercentMax: number;
  readonly alwaysEjectsOne: boolean;
  readonly splitsLocalOrigin: boolean;
  readonly consecutive5xx: number;
  readonly consecutiveGatewayFailure: number;
  readonly consecutiveLocalOriginFailure: number;
  readonly successRateHostsMin: number;
  readonly successRateRequestsMin: number;
  readonly successRateFactor: number;
  readonly failurePercentageThreshold: number;
  readonly failurePercentageHostsMin: number;
  readonly failurePercentageRequestsMin: number;
  /** Percent of the detections that become ejections. */
  readonly enforcing: Readonly<Record<EjectionKind, number>>;
  readonly activeHealthCheckUnejects: boolean;
}

const EJECTION_MAX_US = 300 * SECOND;

export function outlierConfig(json: Json): OutlierConfig {
  const baseEjectionUs = durationUs(json['base_ejection_time'], 30 * SECOND);
  return {
    intervalUs: durationUs(json['interval'], 10 * SECOND),
    baseEjectionUs,
    ejectionMaxUs: durationUs(json['max_ejection_time'], Math.max(EJECTION_MAX_US, baseEjectionUs)),
    jitterMaxUs: durationUs(json['max_ejection_time_jitter'], 0),
    ejectionPercentMax: Math.min(100, number(json['max_ejection_percent'], 10)),
    alwaysEjectsOne: flag(json['always_eject_one_host']),
    splitsLocalOrigin: flag(json['split_external_local_origin_errors']),
    consecutive5xx: number(json['consecutive_5xx'], 5),
    consecutiveGatewayFailure: number(json['consecutive_gateway_failure'], 5),
    consecutiveLocalOriginFailure: number(json['consecutive_local_origin_failure'], 5),
    successRateHostsMin: number(json['success_rate_minimum_hosts'], 5),
    successRateRequestsMin: number(json['success_rate_request_volume'], 100),
    successRateFactor: number(json['success_rate_stdev_factor'], 1900) / 1000,
    failurePercentageThreshold: number(json['failure_percentage_threshold'], 85),
    failurePercentageHostsMin: number(json['failure_percentage_minimum_hosts'], 5),
    failurePercentageRequestsMin: number(json['failure_percentage_request_volume'], 50),
    enforcing: {
      consecutive_5xx: number(json['enforcing_consecutive_5xx'], 100),
      consecutive_gateway_failure: number(json['enforcing_consecutive_gateway_failure'], 0),
      consecutive_local_origin_failure: number(
        json['enforcing_consecutive_local_origin_failure'],
        100,
      ),
      success_rate: number(json['enforcing_success_rate'], 100),
      local_origin_success_rate: number(json['enforcing_local_origin_success_rate'], 100),
      failure_percentage: number(json['enforcing_failure_percentage'], 0),
      local_origin_failure_percentage: number(json['enforcing_failure_percentage_local_origin'], 0),
    },
    activeHealthCheckUnejects: flag(json['successful_active_health_check_uneject_host'], true),
  };
}

/** What is wrong with the settings, in Envoy's words. */
export function outlierConfigError(config: OutlierConfig): string | undefined {
  return config.ejectionMaxUs < config.baseEjectionUs
    ? "outlier detector's max_ejection_time cannot be smaller than base_ejection_time"
    : undefined;
}
