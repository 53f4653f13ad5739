/**
 * Models consistent hashing with bounded loads: a host that has more than its share of the running
 * requests is passed over, for hosts in an order that only depends on the hash.
 *
 * Spec: https://arxiv.org/abs/1908.08762; https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/load_balancing_policies/common/v3/common.proto (hash_balance_factor)
 */
import type { Host } from '../upstream/host.ts';
import type { HashTable, WeightedHost } from './hash-table.ts';
import { MersenneTwister } from './mersenne-twister.ts';

const TWO_POW_32 = 4_294_967_296;

export class BoundedLoad implements HashTable {
  readonly #table: HashTable;
  readonly #weighted: readonly WeightedHost[];
  readonly #weights: ReadonlyMap<Host, number>;
  /** In percent of the average, at least 100. */
  readonly #balanceFactor: number;
  readonly #activeRequests: () => number;

  constructor(
    table: HashTable,
    weighted: readonly WeightedHost[],
    balanceFactor: number,
    activeRequests: () => number,
  ) {
    this.#table = table;
    this.#weighted = weighted;
    this.#weights = new Map(weighted.map(({ host, weight }) => [host, weight]));
    this.#balanceFactor = balanceFactor;
    this.#activeRequests = activeRequests;
  }

  choose(hash: bigint, attempt: number): Host | undefined {
    const first = this.#table.choose(hash, attempt);
    if (!first) return undefined;
    let least = this.#overload(first, this.#weights.get(first)!);
    if (least <= 1) return first;
    let best = first;
    for (const { host, weight } of this.#shuffled(hash)) {
      if (host === first) continue;
      const overload = this.#overload(host, weight);
      if (overload <= 1) return host;
      if (overload >= least) continue;
      best = host;
      least = overload;
    }
    return best;
  }

  /** Running requests over the slots that the host's weight gives it. */
  #overload(host: Host, weight: number): number {
    const slots = Math.floor(((this.#activeRequests() + 1) * this.#balanceFactor + 99) / 100);
    return host.rqActive / Math.max(Math.ceil(slots * weight), 1);
  }

  /** All hosts in an order that the hash alone decides, one by one. */
  *#shuffled(hash: bigint): IterableIterator<WeightedHost> {
    const order = [...this.#weighted];
    const random = new MersenneTwister(Number(hash & 0xffff_ffffn));
    for (let i = 0; i < order.length; i++) {
      const other = i + below(random, order.length - i);
      const chosen = order[other]!;
      order[other] = order[i]!;
      yield chosen;
    }
  }
}

/** Uniform in [0, bound). Expected number of rounds: below 2. */
function below(random: MersenneTwister, bound: number): number {
  const slice = Math.floor(TWO_POW_32 / bound);
  let drawn = bound;
  while (drawn >= bound) drawn = Math.floor(random.uint32() / slice);
  return drawn;
}
