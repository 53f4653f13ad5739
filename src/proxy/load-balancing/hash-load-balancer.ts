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
import { normalizedWeights, type HashTable, type WeightedHost } from './hash-table.ts';
import type { LoadBalancer, LoadBalancerInputs } from './load-balancer.ts';

export class HashLoadBalancer implements LoadBalancer {
  readonly #inputs: LoadBalancerInputs;
  readonly #source: HostSource;
  readonly #build: (weighted: readonly WeightedHost[]) => HashTable;
  /** 0: no bound. */
  readonly #balanceFactor: number;
  /** By priority; built when first needed. */
  #tables: (HashTable | undefined)[] = [];
  #version = -1;

  constructor(
    inputs: LoadBalancerInputs,
    build: (weighted: readonly WeightedHost[]) => HashTable,
    balanceFactor: number,
  ) {
    this.#inputs = inputs;
    this.#source = new HostSource(inputs);
    this.#build = build;
    this.#balanceFactor = balanceFactor;
  }

  chooseHost(context: LoadBalancerContext, attempt: number): Host | undefined {
    const { hosts, random, count } = this.#inputs;
    if (hosts.version !== this.#version) {
      this.#version = hosts.version;
      this.#tables = [];
    }
    const hash = context.hashKey ?? (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
    const { priority } = this.#source.choosePriority(context, Number(hash % 100n));
    if (this.#source.isPanicking(priority) && attempt === 0) count('lb_healthy_panic');
    const table = (this.#tables[priority] ??= this.#tableOf(priority));
    return table.choose(hash, attempt);
  }

  #tableOf(priority: number): HashTable {
    const { hosts, localityWeighted, activeRequests } = this.#inputs;
    const set = hosts.sets[priority]!;
    const isPanicking = this.#source.isPanicking(priority);
    const weighted = normalizedWeights(set, isPanicking, localityWeighted);
    const table = this.#build(weighted);
    return this.#balanceFactor === 0
      ? table
      : new BoundedLoad(table, weighted, this.#balanceFactor, activeRequests);
  }
}
