/** Models load balancing options of a cluster. Spec: envoy config/cluster/v3/cluster.proto, extensions/load_balancing_policies. */
import type { Duration } from '../duration.ts';
import type { Int64, TypedExtensionConfig } from './any.ts';
import type { MetadataKey, Struct } from './metadata.ts';
import type { Percent, RuntimeDouble } from './percent.ts';

export type LbPolicy =
  | 'ROUND_ROBIN'
  | 'LEAST_REQUEST'
  | 'RING_HASH'
  | 'RANDOM'
  | 'MAGLEV'
  | 'CLUSTER_PROVIDED'
  | 'LOAD_BALANCING_POLICY_CONFIG';

export interface SlowStartConfig {
  slow_start_window?: Duration;
  aggression?: RuntimeDouble;
  min_weight_percent?: Percent;
}

export interface RoundRobinLbConfig {
  slow_start_config?: SlowStartConfig;
}

export interface LeastRequestLbConfig {
  choice_count?: number;
  active_request_bias?: RuntimeDouble;
  slow_start_config?: SlowStartConfig;
}

export interface RingHashLbConfig {
  minimum_ring_size?: Int64;
  hash_function?: 'XX_HASH' | 'MURMUR_HASH_2';
  maximum_ring_size?: Int64;
}

export interface MaglevLbConfig {
  table_size?: Int64;
}

export interface OriginalDstLbConfig {
  use_http_header?: boolean;
  http_header_name?: string;
  upstream_port_override?: number;
  metadata_key?: MetadataKey;
}

export interface LbSubsetSelector {
  keys?: string[];
  single_host_per_subset?: boolean;
  fallback_policy?:
    'NOT_DEFINED' | 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET';
  fallback_keys_subset?: string[];
}

export interface LbSubsetConfig {
  fallback_policy?: 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET';
  default_subset?: Struct;
  subset_selectors?: LbSubsetSelector[];
  locality_weight_aware?: boolean;
  scale_locality_weight?: boolean;
  panic_mode_any?: boolean;
  list_as_any?: boolean;
  metadata_fallback_policy?: 'METADATA_NO_FALLBACK' | 'FALLBACK_LIST';
}

export interface ZoneAwareLbConfig {
  routing_enabled?: Percent;
  min_cluster_size?: Int64;
  fail_traffic_on_panic?: boolean;
}

export interface CommonLbConfig {
  healthy_panic_threshold?: Percent;
  zone_aware_lb_config?: ZoneAwareLbConfig;
  locality_weighted_lb_config?: object;
  update_merge_window?: Duration;
  ignore_new_hosts_until_first_hc?: boolean;
  close_connections_on_host_set_change?: boolean;
  consistent_hashing_lb_config?: {
    use_hostname_for_hashing?: boolean;
    hash_balance_factor?: number;
  };
  override_host_status?: { statuses?: string[] };
}

export interface LoadBalancingPolicy {
  policies?: { typed_extension_config: TypedExtensionConfig }[];
}
