/**
 * Models outlier detection: what is not asked for is left to Envoy, and panic mode is off.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_traffic_policy.go, applyOutlierDetection.
 */
import type { OutlierDetection } from '../../istio/kinds/traffic-policy.ts';
import type { OutlierDetection as EnvoyOutlierDetection } from '../../xds/resources/outlier-detection.ts';
import { xdsDuration } from '../duration.ts';

export function outlierDetection(given: OutlierDetection): EnvoyOutlierDetection {
  const local = given.consecutiveLocalOriginFailures ?? 0;
  return {
    enforcing_success_rate: 0,
    ...(given.consecutive5xxErrors !== undefined && {
      consecutive_5xx: given.consecutive5xxErrors,
      enforcing_consecutive_5xx: given.consecutive5xxErrors > 0 ? 100 : 0,
    }),
    ...(given.consecutiveGatewayErrors !== undefined && {
      consecutive_gateway_failure: given.consecutiveGatewayErrors,
      enforcing_consecutive_gateway_failure: given.consecutiveGatewayErrors > 0 ? 100 : 0,
    }),
    ...(given.interval !== undefined && { interval: xdsDuration(given.interval) }),
    ...(given.baseEjectionTime !== undefined && {
      base_ejection_time: xdsDuration(given.baseEjectionTime),
    }),
    ...(given.maxEjectionPercent && { max_ejection_percent: given.maxEjectionPercent }),
    ...(given.splitExternalLocalOriginErrors && {
      split_external_local_origin_errors: true,
      ...(local > 0 && {
        consecutive_local_origin_failure: local,
        enforcing_consecutive_local_origin_failure: 100,
      }),
      enforcing_local_origin_success_rate: 0,
    }),
  };
}
