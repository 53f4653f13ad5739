/**
 * Models one endpoint of a cluster: where it is, how healthy it is held to be, what was asked of it.
 *
 * A host outlives updates of its cluster's assignment as long as its address stays in it.
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
 */
import { addressText, type SocketAddress } from '../../sim/network/address.ts';
import type { UpstreamHost, UpstreamRequest } from './contract.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Json } from './proto-json.ts';
import type { HostMonitor } from './outlier-monitor.ts';

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export const NO_LOCALITY: Locality = Object.freeze({ region: '', zone: '', subZone: '' });

export function sameLocality(one: Locality, other: Locality): boolean {
  return one.zone === other.zone && one.region === other.region && one.subZone === other.subZone;
}

/** Why a host is not simply healthy; a host's flags are a sum of these. */
export const HealthFlag = {
  failedActiveHc: 1,
  failedOutlierCheck: 2,
  failedEdsHealth: 4,
  degradedActiveHc: 8,
  degradedEdsHealth: 16,
  pendingDynamicRemoval: 32,
  pendingActiveHc: 64,
  excludedViaImmediateHcFail: 128,
  activeHcTimeout: 256,
  edsStatusDraining: 512,
} as const;

const UNHEALTHY =
  HealthFlag.failedActiveHc |
  HealthFlag.failedOutlierCheck |
  HealthFlag.failedEdsHealth |
  HealthFlag.edsStatusDraining;
const DEGRADED = HealthFlag.degradedActiveHc | HealthFlag.degradedEdsHealth;

/** As /clusters spells them, in its order. */
const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [HealthFlag.failedActiveHc, '/failed_active_hc'],
  [HealthFlag.failedOutlierCheck, '/failed_outlier_check'],
  [HealthFlag.failedEdsHealth, '/failed_eds_health'],
  [HealthFlag.degradedActiveHc, '/degraded_active_hc'],
  [HealthFlag.degradedEdsHealth, '/degraded_eds_health'],
  [HealthFlag.pendingDynamicRemoval, '/pending_dynamic_removal'],
  [HealthFlag.pendingActiveHc, '/pending_active_hc'],
  [HealthFlag.excludedViaImmediateHcFail, '/excluded_via_immediate_hc_fail'],
  [HealthFlag.activeHcTimeout, '/active_hc_timeout'],
  [HealthFlag.edsStatusDraining, '/eds_status_draining'],
];

export type CoarseHealth = 'healthy' | 'degraded' | 'unhealthy';

/** What an assignment says of an endpoint. */
export interface HostDescription {
  readonly socket: SocketAddress;
  readonly hostname: string;
  readonly locality: Locality;
  readonly priority: number;
  readonly weight: number;
  readonly metadata: Json;
  /** Flags that EDS sets. */
  readonly edsFlags: number;
  /** Where active health checks go, if elsewhere. */
  readonly healthCheckPort: number | undefined;
  readonly healthCheckHostname: string;
  readonly isHealthCheckDisabled: boolean;
}

/** The cluster that a host belongs to; an aggregate's requests go through the member's pools. */
export interface HostOwner {
  httpPool(host: Host, request: UpstreamRequest): ConnectionPool;
  tcpPool(host: Host, request: UpstreamRequest): ConnectionPool;
  /** A response said x-envoy-immediate-health-check-fail. */
  onImmediateFailure(host: Host): void;
}

export class Host implements UpstreamHost {
  readonly address: string;
  readonly socket: SocketAddress;
  hostname: string;
  locality: Locality;
  priority: number;
  weight: number;
  metadata: Json;
  healthCheckPort: number | undefined;
  healthCheckHostname: string;
  isHealthCheckDisabled: boolean;
  /** Sum of HealthFlag. */
  flags: number;
  /** When it came to be or last became healthy: slow start counts from there. Microseconds. */
  healthySince = 0;
  /** Of its pools, one for each priority × protocol × transport socket options. */
  readonly pools: ConnectionPool[] = [];
  owner: HostOwner | undefined = undefined;
  monitor: HostMonitor | undefined = undefined;
  rqActive = 0;
  rqTotal = 0;
  rqSuccess = 0;
  rqError = 0;
  rqTimeout = 0;
  cxActive = 0;
  cxTotal = 0;
  cxConnectFail = 0;

  constructor(description: HostDescription) {
    this.socket = description.socket;
    this.address = addressText(description.socket);
    this.hostname = description.hostname;
    this.locality = description.locality;
    this.priority = description.priority;
    this.weight = description.weight;
    this.metadata = description.metadata;
    this.healthCheckPort = description.healthCheckPort;
    this.healthCheckHostname = description.healthCheckHostname;
    this.isHealthCheckDisabled = description.isHealthCheckDisabled;
    this.flags = description.edsFlags;
  }

  get zone(): string {
    return this.locality.zone;
  }

  get health(): CoarseHealth {
    if (this.flags === 0) return 'healthy';
    if (this.flags & UNHEALTHY) return 'unhealthy';
    return this.flags & DEGRADED ? 'degraded' : 'healthy';
  }

  has(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }

  set(flags: number): void {
    this.flags |= flags;
  }

  clear(flags: number): void {
    this.flags &= ~flags;
  }

  /** "healthy", or the flags as /clusters prints them. */
  get healthText(): string {
    if (this.flags === 0) return 'healthy';
    return FLAG_NAMES.filter(([flag]) => this.flags & flag)
      .map(([, name]) => name)
      .join('');
  }
}
