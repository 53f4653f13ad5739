/** Models the file a proxy starts from. Spec: envoy config/bootstrap/v3/bootstrap.proto. */
import type { Address } from './address.ts';
import type { Locality } from './cluster-load-assignment.ts';
import type { Cluster } from './cluster.ts';
import type { ApiConfigSource, ConfigSource } from './config-source.ts';
import type { Listener } from './listener.ts';
import type { Struct } from './metadata.ts';
import type { Secret } from './secret.ts';

/** core.v3.Node: who a proxy is. */
export interface Node {
  id?: string;
  cluster?: string;
  metadata?: Struct;
  locality?: Locality;
  user_agent_name?: string;
  user_agent_version?: string;
}

export interface RuntimeLayer {
  name: string;
  static_layer?: Struct;
  admin_layer?: object;
  rtds_layer?: object;
  disk_layer?: object;
}

export interface Bootstrap {
  node?: Node;
  static_resources?: { listeners?: Listener[]; clusters?: Cluster[]; secrets?: Secret[] };
  dynamic_resources?: {
    lds_config?: ConfigSource;
    cds_config?: ConfigSource;
    ads_config?: ApiConfigSource;
  };
  cluster_manager?: {
    local_cluster_name?: string;
    outlier_detection?: { event_log_path?: string };
  };
  admin?: { address?: Address; access_log_path?: string; profile_path?: string };
  layered_runtime?: { layers?: RuntimeLayer[] };
  stats_config?: object;
  stats_sinks?: object[];
  stats_flush_interval?: string;
  tracing?: object;
  overload_manager?: object;
  default_regex_engine?: object;
  header_prefix?: string;
  bootstrap_extensions?: object[];
  [field: string]: unknown;
}
