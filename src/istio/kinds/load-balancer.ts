/**
 * How a client chooses among the endpoints of a host.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 */
import type { DurationString } from './duration.ts';

export type SimpleLoadBalancer =
  'UNSPECIFIED' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST';

export interface LoadBalancer {
  readonly simple?: SimpleLoadBalancer;
  readonly consistentHash?: ConsistentHash;
  readonly localityLbSetting?: LocalityLoadBalancer;
  readonly warmup?: Warmup;
  /** Deprecated: warmup took its place. */
  readonly warmupDurationSecs?: DurationString;
}

export interface ConsistentHash {
  readonly httpHeaderName?: string;
  readonly httpCookie?: HashCookie;
  readonly useSourceIp?: boolean;
  readonly httpQueryParameterName?: string;
  readonly ringHash?: { readonly minimumRingSize?: number };
  readonly maglev?: { readonly tableSize?: number };
  /** Deprecated: ringHash.minimumRingSize took its place. */
  readonly minimumRingSize?: number;
}

export interface HashCookie {
  readonly name: string;
  readonly path?: string;
  readonly ttl?: DurationString;
  readonly attributes?: readonly { readonly name: string; readonly value?: string }[];
}

export interface LocalityLoadBalancer {
  readonly distribute?: readonly {
    readonly from?: string;
    /** locality → percent. */
    readonly to?: Readonly<Record<string, number>>;
  }[];
  readonly failover?: readonly { readonly from?: string; readonly to?: string }[];
  readonly failoverPriority?: readonly string[];
  readonly enabled?: boolean;
}

export interface Warmup {
  readonly duration: DurationString;
  readonly minimumPercent?: number;
  readonly aggression?: number;
}
