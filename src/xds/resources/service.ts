/** Models services that a proxy itself calls. Spec: envoy config/core/v3/grpc_service.proto, http_uri.proto. */
import type { Duration } from '../duration.ts';
import type { HeaderValue } from './header-value.ts';
import type { RetryPolicy } from './retry-policy.ts';

export interface GrpcService {
  envoy_grpc?: { cluster_name: string; authority?: string; retry_policy?: RetryPolicy };
  google_grpc?: { target_uri: string; stat_prefix?: string };
  timeout?: Duration;
  initial_metadata?: HeaderValue[];
}

export interface HttpUri {
  uri: string;
  cluster: string;
  timeout?: Duration;
}
