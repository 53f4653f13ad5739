/** Models what ring hash and Maglev have in common: a table from hashes to weighted hosts. */
import type { HostSet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';

export interface HashTable {
  /** `attempt` counts from 0: how often a host chosen before was turned down. */
  choose(hash: bigint, attempt: number): Host | undefined;
}

/** A table with how many entries it has and how they spread over hosts. */
export interface CountedTable extends HashTable {
  readonly size: number;
  readonly perHostMin: number;
  readonly perHostMax: number;
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

/** Least and most entries of a host, for the statistics. */
export function spreadOf(hosts: Iterable<Host>, size: number): { min: number; max: number } {
  const counts = new Map<Host, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  let min = size;
  let max = 0;
  for (const count of counts.values()) {
    min = Math.min(min, count);
    max = Math.max(max, count);
  }
  return { min, max };
}
