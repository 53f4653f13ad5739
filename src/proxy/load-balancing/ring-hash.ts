/**
 * Models ring hash: every host has points on a ring, in number by its weight; a request belongs to
 * the next point after its hash.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#ring-hash
 */
import type { Host } from '../upstream/host.ts';
import { xxHash64 } from '../xx-hash.ts';
import { hashKeyOf, spreadOf, type CountedTable, type WeightedHost } from './hash-table.ts';
import { murmurHash2 } from './murmur-hash.ts';

export interface RingHashOptions {
  /** Points on the ring; 8 M is Envoy's bound. */
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly usesMurmur: boolean;
  readonly usesHostname: boolean;
}

export class HashRing implements CountedTable {
  /** Ascending. */
  readonly hashes: BigUint64Array;
  readonly hosts: readonly Host[];
  readonly perHostMin: number;
  readonly perHostMax: number;

  /** Weights sum up to 1. */
  constructor(weighted: readonly WeightedHost[], options: RingHashOptions) {
    const points = pointsOf(weighted, options);
    this.hashes = new BigUint64Array(points.length);
    points.forEach(({ hash }, i) => (this.hashes[i] = hash));
    this.hosts = points.map(({ host }) => host);
    const { min, max } = spreadOf(this.hosts, points.length);
    this.perHostMin = min;
    this.perHostMax = max;
  }

  get size(): number {
    return this.hosts.length;
  }

  choose(hash: bigint, attempt: number): Host | undefined {
    const { hashes, hosts } = this;
    if (hosts.length === 0) return undefined;
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return hosts[(low + attempt) % hosts.length];
  }
}

interface Point {
  readonly hash: bigint;
  readonly host: Host;
}

function pointsOf(weighted: readonly WeightedHost[], options: RingHashOptions): Point[] {
  const { sizeMin, sizeMax, usesMurmur, usesHostname } = options;
  let weightMin = 1;
  for (const { weight } of weighted) weightMin = Math.min(weightMin, weight);
  // The lightest host gets a whole number of points, unless the ring would become too large.
  const scale = Math.min(Math.ceil(weightMin * sizeMin) / weightMin, sizeMax);
  const points: Point[] = [];
  let target = 0;
  for (const { host, weight } of weighted) {
    const key = `${hashKeyOf(host, usesHostname)}_`;
    // Running sums: fractions of a point are not lost but carried over to the next host.
    target += scale * weight;
    for (let i = 0; points.length < target; i++)
      points.push({ hash: usesMurmur ? murmurHash2(key + i) : xxHash64(key + i), host });
  }
  return points.sort((one, other) => (one.hash < other.hash ? -1 : one.hash > other.hash ? 1 : 0));
}
