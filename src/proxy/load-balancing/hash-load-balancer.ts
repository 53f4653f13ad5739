/**
 * Models load balancing by hash: the request's hash decides priority and host; without one it is a
 * random choice.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
 */
import type { LoadBalancerContext } from '../upstream/contract.ts';
import type { Host } from '../upstream/host.ts';
import { BoundedLoad } from './bounded-load.ts';
import { HostSource } from './host-source.ts';
import {
  normalizedWeights,
  type CountedTable,
  type HashTable,
  type WeightedHost,
} from './hash-table.ts';
import type { LoadBalancer, LoadBalancerInputs } from './load-balancer.ts';

/** Names of the statistics that describe a table; "" where there is none. */
export interface TableStats {
  readonly size: string;
  readonly min: string;
  readonly max: string;
}

export class HashLoadBalancer implements LoadBalancer {
  readonly #inputs: LoadBalancerInputs;
  readonly #source: HostSource;
  readonly #build: (weighted: readonly WeightedHost[]) => CountedTable;
  readonly #names: TableStats;
  /** 0: no bound. */
  readonly #balanceFactor: number;
  /** By priority; built when first needed. */
  #tables: (HashTable | undefined)[] = [];
  #version = -1;

  constructor(
    inputs: LoadBalancerInputs,
    build: (weighted: readonly WeightedHost[]) => CountedTable,
    names: TableStats,
    balanceFactor: number,
  ) {
    this.#names = names;
    this.#inputs = inputs;
    this.#source = new HostSource(inputs);
    this.#build = build;
    this.#balanceFactor = balanceFactor;
  }

  chooseHost(context: LoadBalancerContext, attempt: number, decided?: number): Host | undefined {
    const { hosts, random, count } = this.#inputs;
    if (hosts.version !== this.#version) {
      this.#version = hosts.version;
      this.#tables = [];
    }
    const hash = context.hashKey ?? (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
    const priority = decided ?? this.#source.choosePriority(context, Number(hash % 100n)).priority;
    if (this.#source.isPanicking(priority) && attempt === 0) count('lb_healthy_panic');
    const table = (this.#tables[priority] ??= this.#tableOf(priority));
    return table.choose(hash, attempt);
  }

  #tableOf(priority: number): HashTable {
    const { hosts, localityWeighted, activeRequests, setGauge } = this.#inputs;
    const set = hosts.sets[priority]!;
    const isPanicking = this.#source.isPanicking(priority);
    const weighted = normalizedWeights(set, isPanicking, localityWeighted);
    const table = this.#build(weighted);
    const { size, min, max } = this.#names;
    if (size !== '') setGauge(size, table.size);
    setGauge(min, table.perHostMin);
    setGauge(max, table.perHostMax);
    return this.#balanceFactor === 0
      ? table
      : new BoundedLoad(table, weighted, this.#balanceFactor, activeRequests);
  }
}
