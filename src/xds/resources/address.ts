/** Models network addresses. Spec: envoy config/core/v3/address.proto. */

export interface SocketAddressProto {
  protocol?: 'TCP' | 'UDP';
  address: string;
  port_value?: number;
  named_port?: string;
  ipv4_compat?: boolean;
}

export interface Address {
  socket_address?: SocketAddressProto;
  pipe?: { path: string; mode?: number };
  envoy_internal_address?: { server_listener_name?: string; endpoint_id?: string };
}

export interface CidrRange {
  address_prefix: string;
  prefix_len?: number;
}

export interface BindConfig {
  source_address?: SocketAddressProto;
  extra_source_addresses?: { address: SocketAddressProto }[];
  freebind?: boolean;
}

export interface TcpKeepalive {
  keepalive_probes?: number;
  keepalive_time?: number;
  keepalive_interval?: number;
}

/** Integers in [start, end). */
export interface Int64Range {
  start?: string | number;
  end?: string | number;
}
