/** Models filter chains and what selects them. Spec: envoy config/listener/v3/listener_components.proto. */
import type { Duration } from '../duration.ts';
import type { CidrRange } from './address.ts';
import type { Any } from './any.ts';
import type { ExtensionConfigSource } from './config-source.ts';
import type { Metadata } from './metadata.ts';
import type { TransportSocket } from './transport-socket.ts';

export interface FilterChainMatch {
  destination_port?: number;
  prefix_ranges?: CidrRange[];
  address_suffix?: string;
  suffix_len?: number;
  direct_source_prefix_ranges?: CidrRange[];
  source_type?: 'ANY' | 'SAME_IP_OR_LOOPBACK' | 'EXTERNAL';
  source_prefix_ranges?: CidrRange[];
  source_ports?: number[];
  server_names?: string[];
  /** "tls" or "raw_buffer". */
  transport_protocol?: string;
  application_protocols?: string[];
}

/** A network filter. */
export interface Filter {
  name: string;
  typed_config?: Any;
  config_discovery?: ExtensionConfigSource;
}

export interface FilterChain {
  name?: string;
  filter_chain_match?: FilterChainMatch;
  filters?: Filter[];
  transport_socket?: TransportSocket;
  transport_socket_connect_timeout?: Duration;
  metadata?: Metadata;
}

/** Exactly one of the fields is set. */
export interface ListenerFilterChainMatchPredicate {
  or_match?: { rules: ListenerFilterChainMatchPredicate[] };
  and_match?: { rules: ListenerFilterChainMatchPredicate[] };
  not_match?: ListenerFilterChainMatchPredicate;
  any_match?: boolean;
  /** Ports in [start, end). */
  destination_port_range?: { start?: number; end?: number };
}

/**
 * Those met here: envoy.filters.listener.original_dst, tls_inspector, http_inspector,
 * proxy_protocol.
 */
export interface ListenerFilter {
  name: string;
  typed_config?: Any;
  filter_disabled?: ListenerFilterChainMatchPredicate;
}
