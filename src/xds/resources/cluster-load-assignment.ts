/** Models endpoints: what EDS carries. Spec: envoy config/endpoint/v3/endpoint.proto, endpoint_components.proto. */
import type { Address } from './address.ts';
import type { Metadata } from './metadata.ts';
import type { FractionalPercent } from './percent.ts';

export interface Locality {
  region?: string;
  zone?: string;
  sub_zone?: string;
}

export type HealthStatus =
  'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TIMEOUT' | 'DEGRADED';

export interface Endpoint {
  address?: Address;
  health_check_config?: {
    port_value?: number;
    hostname?: string;
    address?: Address;
    disable_active_health_check?: boolean;
  };
  hostname?: string;
  additional_addresses?: { address: Address }[];
}

export interface LbEndpoint {
  endpoint?: Endpoint;
  endpoint_name?: string;
  health_status?: HealthStatus;
  metadata?: Metadata;
  load_balancing_weight?: number;
}

export interface LocalityLbEndpoints {
  locality?: Locality;
  lb_endpoints?: LbEndpoint[];
  load_balancing_weight?: number;
  priority?: number;
  proximity?: number;
  metadata?: Metadata;
}

export interface ClusterLoadAssignment {
  cluster_name: string;
  endpoints?: LocalityLbEndpoints[];
  policy?: {
    drop_overloads?: { category: string; drop_percentage: FractionalPercent }[];
    overprovisioning_factor?: number;
    endpoint_stale_after?: string;
    weighted_priority_health?: boolean;
  };
}
