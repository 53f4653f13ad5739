/**
 * Models a ClusterLoadAssignment: which endpoints a cluster has, by priority and locality.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto
 */
import type { SocketAddress } from '../../sim/network/address.ts';
import { HealthFlag, NO_LOCALITY, type HostDescription, type Locality } from './host.ts';
import type { LocalityWeight } from './host-set.ts';
import { flag, message, messageOrEmpty, messages, number, text, type Json } from './proto-json.ts';

export interface Assignment {
  readonly hosts: readonly HostDescription[];
  /** By priority. */
  readonly localityWeights: readonly (readonly LocalityWeight[])[];
  /** In percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  /** Of all requests, in parts per million. */
  readonly dropPerMillion: number;
}

export const NO_ASSIGNMENT: Assignment = Object.freeze({
  hosts: [],
  localityWeights: [],
  overprovisioningFactor: 140,
  weightedPriorityHealth: false,
  dropPerMillion: 0,
});

/** What was read of assignments, which many proxies share. Pure results. */
const known = new WeakMap<Json, Assignment>();

/** Reads an assignment. An endpoint without an address that a socket could have is left out. */
export function readAssignment(resource: Json): Assignment {
  let assignment = known.get(resource);
  if (!assignment) known.set(resource, (assignment = read(resource)));
  return assignment;
}

function read(resource: Json): Assignment {
  const hosts: HostDescription[] = [];
  const localityWeights: LocalityWeight[][] = [];
  for (const group of messages(resource['endpoints'])) {
    const priority = number(group['priority'], 0);
    const locality = localityOf(group['locality']);
    while (localityWeights.length <= priority) localityWeights.push([]);
    localityWeights[priority]!.push({
      locality,
      weight: number(group['load_balancing_weight'], 0),
    });
    for (const endpoint of messages(group['lb_endpoints'])) {
      const host = hostOf(endpoint, group, priority, locality);
      if (host) hosts.push(host);
    }
  }
  const policy = messageOrEmpty(resource['policy']);
  return {
    hosts,
    localityWeights,
    overprovisioningFactor: number(policy['overprovisioning_factor'], 140),
    weightedPriorityHealth: flag(policy['weighted_priority_health']),
    dropPerMillion: dropPerMillion(policy),
  };
}

export function localityOf(value: unknown): Locality {
  const locality = message(value);
  if (!locality) return NO_LOCALITY;
  return {
    region: text(locality['region']),
    zone: text(locality['zone']),
    subZone: text(locality['sub_zone']),
  };
}

function hostOf(
  entry: Json,
  group: Json,
  priority: number,
  locality: Locality,
): HostDescription | undefined {
  const endpoint = messageOrEmpty(entry['endpoint']);
  const socket = socketOf(endpoint['address']);
  if (!socket) return undefined;
  const check = messageOrEmpty(endpoint['health_check_config']);
  return {
    socket,
    hostname: text(endpoint['hostname']),
    locality,
    priority,
    weight: Math.max(1, number(entry['load_balancing_weight'], 1)),
    metadata: withLocalityMetadata(message(entry['metadata']), message(group['metadata'])),
    edsFlags: EDS_FLAGS[text(entry['health_status'])] ?? 0,
    healthCheckPort: number(check['port_value'], 0) || undefined,
    healthCheckHostname: text(check['hostname']),
    isHealthCheckDisabled: flag(check['disable_active_health_check']),
  };
}

const EDS_FLAGS: Readonly<Record<string, number>> = {
  UNHEALTHY: HealthFlag.failedEdsHealth,
  TIMEOUT: HealthFlag.failedEdsHealth,
  DRAINING: HealthFlag.edsStatusDraining,
  DEGRADED: HealthFlag.degradedEdsHealth,
};

const NO_METADATA: Json = Object.freeze({});

/** filter_metadata by namespace; that of the endpoint wins. */
function withLocalityMetadata(own: Json | undefined, shared: Json | undefined): Json {
  const ownFields = message(own?.['filter_metadata']);
  const sharedFields = message(shared?.['filter_metadata']);
  if (!sharedFields) return ownFields ?? NO_METADATA;
  return { ...sharedFields, ...ownFields };
}

export function socketOf(address: unknown): SocketAddress | undefined {
  const socket = message(messageOrEmpty(address)['socket_address']);
  if (!socket) return undefined;
  return { ip: text(socket['address']), port: number(socket['port_value'], 0) };
}

function dropPerMillion(policy: Json): number {
  let kept = 1;
  for (const drop of messages(policy['drop_overloads']))
    kept *= 1 - perMillion(messageOrEmpty(drop['drop_percentage'])) / 1_000_000;
  return Math.round((1 - kept) * 1_000_000);
}

/** A FractionalPercent in parts per million. */
export function perMillion(percent: Json): number {
  const scale = { HUNDRED: 10_000, TEN_THOUSAND: 100, MILLION: 1 };
  const denominator = text(percent['denominator'], 'HUNDRED') as keyof typeof scale;
  return Math.min(1_000_000, number(percent['numerator'], 0) * (scale[denominator] ?? 10_000));
}
