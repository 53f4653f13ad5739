/** Models listeners: what LDS carries. Spec: envoy config/listener/v3/listener.proto. */
import type { Duration } from '../duration.ts';
import type { AccessLog } from './access-log.ts';
import type { Address } from './address.ts';
import type { FilterChain, ListenerFilter } from './filter-chain.ts';
import type { Metadata } from './metadata.ts';

export type TrafficDirection = 'UNSPECIFIED' | 'INBOUND' | 'OUTBOUND';

export interface Listener {
  name?: string;
  address?: Address;
  additional_addresses?: { address: Address }[];
  stat_prefix?: string;
  filter_chains?: FilterChain[];
  default_filter_chain?: FilterChain;
  use_original_dst?: boolean;
  per_connection_buffer_limit_bytes?: number;
  metadata?: Metadata;
  drain_type?: 'DEFAULT' | 'MODIFY_ONLY';
  listener_filters?: ListenerFilter[];
  listener_filters_timeout?: Duration;
  continue_on_listener_filters_timeout?: boolean;
  transparent?: boolean;
  freebind?: boolean;
  traffic_direction?: TrafficDirection;
  access_log?: AccessLog[];
  bind_to_port?: boolean;
  enable_reuse_port?: boolean;
  ignore_global_conn_limit?: boolean;
  max_connections_to_accept_per_socket_event?: number;
  internal_listener?: object;
  connection_balance_config?: object;
}
