/**
 * Models the load balancer of an aggregate cluster: the priorities of its member clusters follow one
 * another as if they were one cluster's; the member that gets the request picks the host.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/aggregate_cluster
 */
import type { LoadBalancerContext } from '../upstream/contract.ts';
import type { HostSet, PrioritySet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import { healthOf } from './host-source.ts';
import type { LoadBalancer, RandomBits } from './load-balancer.ts';
import { priorityLoad, type PriorityLoad } from './priority-load.ts';

/** A cluster of an aggregate. */
export interface AggregateMember {
  readonly priorities: PrioritySet;
  readonly loadBalancer: LoadBalancer;
}

interface Level {
  readonly member: AggregateMember;
  readonly set: HostSet;
}

export class Aggregate implements LoadBalancer {
  /** The members that exist now, in order. */
  readonly #members: () => readonly AggregateMember[];
  readonly #random: RandomBits;
  readonly #panicThreshold: number;
  #levels: Level[] = [];
  #load: PriorityLoad = { healthy: [], degraded: [], panic: [] };
  /** The members and their versions when the levels were computed. */
  #known: readonly AggregateMember[] = [];
  #versions: readonly number[] = [];

  constructor(
    members: () => readonly AggregateMember[],
    random: RandomBits,
    panicThreshold: number,
  ) {
    this.#members = members;
    this.#random = random;
    this.#panicThreshold = panicThreshold;
  }

  chooseHost(context: LoadBalancerContext, attempt: number): Host | undefined {
    this.#refresh();
    const hash = context.hashKey === undefined ? this.#random.uint32() : context.hashKey % 100n;
    const level = this.#levels[this.#levelOf(Number(hash))];
    return level?.member.loadBalancer.chooseHost(context, attempt, level.set.priority);
  }

  #levelOf(hash: number): number {
    const percent = (hash % 100) + 1;
    let sum = 0;
    for (const shares of [this.#load.healthy, this.#load.degraded])
      for (const [level, share] of shares.entries()) {
        sum += share;
        if (percent <= sum) return level;
      }
    return 0;
  }

  #refresh(): void {
    const members = this.#members();
    const isSame = ({ priorities }: AggregateMember, i: number) =>
      this.#known[i]?.priorities === priorities && this.#versions[i] === priorities.version;
    if (members.length === this.#known.length && members.every(isSame)) return;
    this.#known = members;
    this.#versions = members.map(({ priorities }) => priorities.version);
    // A priority without hosts is no level: it would only take traffic in a panic.
    this.#levels = members.flatMap((member) =>
      member.priorities.sets
        .filter(({ all }) => all.hosts.length > 0)
        .map((set) => ({ member, set })),
    );
    const health = this.#levels.map(({ set }) => healthOf(set));
    this.#load = priorityLoad(health, this.#panicThreshold);
  }
}
