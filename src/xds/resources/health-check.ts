/** Models active health checks. Spec: envoy config/core/v3/health_check.proto. */
import type { Duration } from '../duration.ts';
import type { Int64Range } from './address.ts';
import type { HeaderValueOption } from './header-value.ts';

export interface HttpHealthCheck {
  host?: string;
  path: string;
  method?: string;
  request_headers_to_add?: HeaderValueOption[];
  request_headers_to_remove?: string[];
  expected_statuses?: Int64Range[];
  retriable_statuses?: Int64Range[];
  codec_client_type?: 'HTTP1' | 'HTTP2';
}

export interface TcpHealthCheck {
  send?: { text?: string };
  receive?: { text?: string }[];
}

export interface HealthCheck {
  timeout: Duration;
  interval: Duration;
  initial_jitter?: Duration;
  interval_jitter?: Duration;
  interval_jitter_percent?: number;
  unhealthy_threshold: number;
  healthy_threshold: number;
  alt_port?: number;
  reuse_connection?: boolean;
  http_health_check?: HttpHealthCheck;
  tcp_health_check?: TcpHealthCheck;
  grpc_health_check?: { service_name?: string; authority?: string };
  no_traffic_interval?: Duration;
  no_traffic_healthy_interval?: Duration;
  unhealthy_interval?: Duration;
  unhealthy_edge_interval?: Duration;
  healthy_edge_interval?: Duration;
  always_log_health_check_failures?: boolean;
}
