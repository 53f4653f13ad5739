/** Models circuit breakers. Spec: envoy config/cluster/v3/circuit_breaker.proto. */
import type { Percent } from './percent.ts';

export interface CircuitBreakerThresholds {
  priority?: 'DEFAULT' | 'HIGH';
  max_connections?: number;
  max_pending_requests?: number;
  max_requests?: number;
  max_retries?: number;
  retry_budget?: { budget_percent?: Percent; min_retry_concurrency?: number };
  track_remaining?: boolean;
  max_connection_pools?: number;
}

export interface CircuitBreakers {
  thresholds?: CircuitBreakerThresholds[];
  per_host_thresholds?: CircuitBreakerThresholds[];
}
