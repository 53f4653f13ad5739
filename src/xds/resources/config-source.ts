/** Models where a resource is fetched from, and how. Spec: envoy config/core/v3/config_source.proto. */
import type { Duration } from '../duration.ts';
import type { Any } from './any.ts';
import type { GrpcService } from './service.ts';

export interface ApiConfigSource {
  api_type?: 'REST' | 'GRPC' | 'DELTA_GRPC' | 'AGGREGATED_GRPC' | 'AGGREGATED_DELTA_GRPC';
  transport_api_version?: 'AUTO' | 'V2' | 'V3';
  cluster_names?: string[];
  grpc_services?: GrpcService[];
  refresh_delay?: Duration;
  request_timeout?: Duration;
  set_node_on_first_message_only?: boolean;
}

export interface ConfigSource {
  ads?: object;
  api_config_source?: ApiConfigSource;
  path?: string;
  path_config_source?: { path: string; watched_directory?: { path: string } };
  self?: { transport_api_version?: 'AUTO' | 'V2' | 'V3' };
  initial_fetch_timeout?: Duration;
  resource_api_version?: 'AUTO' | 'V2' | 'V3';
}

/** A filter that arrives by ECDS. */
export interface ExtensionConfigSource {
  config_source: ConfigSource;
  default_config?: Any;
  apply_default_config_without_warming?: boolean;
  type_urls?: string[];
}
