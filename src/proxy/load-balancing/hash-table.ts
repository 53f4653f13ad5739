/** Models what ring hash and Maglev have in common: a table from hashes to weighted hosts. */
import type { HostSet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';

export interface HashTable {
  /** `attempt` counts from 0: how often a host chosen before was turned down. */
  choose(hash: bigint, attempt: number): Host | undefined;
}

/** A host and its share of the whole, 0 … 1. */
export interface WeightedHost {
  readonly host: Host;
  readonly weight: number;
}

/** Shares of hosts; with locality weights, within the share of their locality. */
export function normalizedWeights(
  set: HostSet,
  isPanicking: boolean,
  isLocalityWeighted: boolean,
): WeightedHost[] {
  if (!isLocalityWeighted || set.options.localityWeights.every(({ weight }) => weight === 0))
    return sharesOf(isPanicking ? set.all.hosts : set.healthy.hosts, 1);
  const total = set.localities.reduce((sum, { weight }) => sum + weight, 0);
  return set.localities.flatMap(({ weight, healthy, all }) =>
    weight === 0 ? [] : sharesOf(isPanicking ? all : healthy.hosts, weight / total),
  );
}

function sharesOf(hosts: readonly Host[], whole: number): WeightedHost[] {
  let total = 0;
  for (const { weight } of hosts) total += weight;
  return hosts.map((host) => ({ host, weight: (host.weight * whole) / total }));
}

/** What of a host is hashed: hash_key of its metadata, its name or its address. */
export function hashKeyOf(host: Host, usesHostname: boolean): string {
  const metadata = host.metadata['envoy.lb'] as Readonly<Record<string, unknown>> | undefined;
  const key = metadata?.['hash_key'];
  if (typeof key === 'string') return key;
  return usesHostname ? host.hostname : host.address;
}
