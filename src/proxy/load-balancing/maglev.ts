/**
 * Models Maglev: a table of fixed prime size that hosts fill in turn, each in an order of its own;
 * few entries change when a host comes or goes.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#maglev
 */
import type { Host } from '../upstream/host.ts';
import { xxHash64 } from '../xx-hash.ts';
import { hashKeyOf, spreadOf, type CountedTable, type WeightedHost } from './hash-table.ts';

export interface MaglevOptions {
  /** A prime, at most 5,000,011. */
  readonly tableSize: number;
  readonly usesHostname: boolean;
}

const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const FREE = -1;

interface Filler {
  readonly host: Host;
  readonly weight: number;
  readonly skip: number;
  position: number;
  target: number;
}

export class MaglevTable implements CountedTable {
  readonly size: number;
  readonly perHostMin: number;
  readonly perHostMax: number;
  readonly #size: bigint;
  readonly #hosts: readonly Host[];
  /** Index of the host of each entry. */
  readonly #table: Int32Array;

  constructor(weighted: readonly WeightedHost[], { tableSize, usesHostname }: MaglevOptions) {
    this.size = tableSize;
    this.#size = BigInt(tableSize);
    const fillers = fillersOf(weighted, tableSize, usesHostname);
    this.#hosts = fillers.map(({ host }) => host);
    this.#table = fill(fillers, tableSize);
    const { min, max } = spreadOf(fillers.length > 0 ? this.entries() : [], tableSize);
    this.perHostMin = min;
    this.perHostMax = max;
  }

  choose(hash: bigint, attempt: number): Host | undefined {
    if (this.#hosts.length === 0) return undefined;
    // Most bits differ from attempt to attempt, so that attempts do not meet at one host.
    const changed = attempt === 0 ? hash : hash ^ (ALL_ONES - BigInt(attempt) + 1n);
    return this.#hosts[this.#table[Number(changed % this.#size)]!];
  }

  /** The host of each entry. */
  entries(): Host[] {
    return [...this.#table].map((host) => this.#hosts[host]!);
  }
}

/** In the order of their keys: the table must not depend on the order of an update. */
function fillersOf(
  weighted: readonly WeightedHost[],
  tableSize: number,
  usesHostname: boolean,
): Filler[] {
  const size = BigInt(tableSize);
  return weighted
    .map(({ host, weight }) => ({ host, weight, key: hashKeyOf(host, usesHostname) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ host, weight, key }) => ({
      host,
      weight,
      skip: Number(xxHash64(key, 1n) % (size - 1n)) + 1,
      position: Number(xxHash64(key) % size),
      target: 0,
    }));
}

function fill(fillers: readonly Filler[], size: number): Int32Array {
  const table = new Int32Array(size).fill(FREE);
  if (fillers.length === 0) return table;
  let weightMax = 0;
  for (const { weight } of fillers) weightMax = Math.max(weightMax, weight);
  let filled = 0;
  // The heaviest host takes an entry in each round, one of a third of its weight in every third.
  for (let round = 1; filled < size; round++)
    for (let i = 0; i < fillers.length && filled < size; i++) {
      const filler = fillers[i]!;
      if (round * filler.weight < filler.target) continue;
      filler.target += weightMax;
      while (table[filler.position] !== FREE) advance(filler, size);
      table[filler.position] = i;
      advance(filler, size);
      filled += 1;
    }
  return table;
}

function advance(filler: Filler, size: number): void {
  filler.position = (filler.position + filler.skip) % size;
}
