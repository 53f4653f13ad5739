/**
 * Models the way to the hosts among which to pick: priority, panic, then locality.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancing
 */
import type { LoadBalancerContext } from '../upstream/contract.ts';
import { isExcluded, type HostGroup, type HostSet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import type {
  LoadBalancer,
  LoadBalancerInputs,
  HostPicker,
  PickerPolicy,
} from './load-balancer.ts';
import { LocalityWeighted } from './locality-weighted.ts';
import { priorityLoad, type PriorityHealth, type PriorityLoad } from './priority-load.ts';
import { ZoneAware } from './zone-aware.ts';

export class HostSource {
  readonly #inputs: LoadBalancerInputs;
  #version = -1;
  #load: PriorityLoad = { healthy: [], degraded: [], panic: [] };
  /** The only priority that gets traffic, when there is just one: the usual case. */
  #only = -1;
  #localities: LocalityWeighted[] = [];
  #zoneAware: ZoneAware | undefined;

  constructor(inputs: LoadBalancerInputs) {
    this.#inputs = inputs;
  }

  /** The group to pick from; undefined when the traffic must fail. */
  choose(context: LoadBalancerContext, decided?: number): HostGroup | undefined {
    const { hosts } = this.#inputs;
    if (hosts.version !== this.#version) this.#refresh();
    if (decided !== undefined) {
      const set = hosts.sets[decided];
      const isDegraded = set?.healthy.hosts.length === 0;
      return set && this.#groupOf(set, this.#load, isDegraded);
    }
    if (this.#only >= 0 && context.prioritiesTried.length === 0)
      return this.#groupOf(hosts.sets[this.#only]!, this.#load, false);
    const { priority, isDegraded, load } = this.choosePriority(
      context,
      this.#inputs.random.uint32(),
    );
    const set = hosts.sets[priority];
    return set && this.#groupOf(set, load, isDegraded);
  }

  /** Which priority gets a request, by 32 random bits or a hash of it. */
  choosePriority(
    context: LoadBalancerContext,
    hash: number,
  ): { priority: number; isDegraded: boolean; load: PriorityLoad } {
    if (this.#inputs.hosts.version !== this.#version) this.#refresh();
    let load = this.#load;
    if (context.prioritiesTried.length > 0)
      load = priorityLoad(
        this.#inputs.hosts.sets.map(healthOf),
        this.#inputs.panicThreshold,
        context.prioritiesTried,
      );
    const percent = (hash % 100) + 1;
    let sum = 0;
    for (const isDegraded of [false, true])
      for (const [priority, share] of (isDegraded ? load.degraded : load.healthy).entries()) {
        sum += share;
        if (percent <= sum) return { priority, isDegraded, load };
      }
    return { priority: 0, isDegraded: false, load };
  }

  isPanicking(priority: number): boolean {
    if (this.#inputs.hosts.version !== this.#version) this.#refresh();
    return this.#load.panic[priority] ?? false;
  }

  #groupOf(set: HostSet, load: PriorityLoad, isDegraded: boolean): HostGroup | undefined {
    if (load.panic[set.priority]) {
      this.#inputs.count('lb_healthy_panic');
      return this.#inputs.failTrafficOnPanic ? undefined : set.all;
    }
    const whole = isDegraded ? set.degraded : set.healthy;
    if (this.#inputs.localityWeighted)
      return this.#localities[set.priority]!.choose(isDegraded) ?? whole;
    return this.#zoneAware?.choose(set, isDegraded) ?? whole;
  }

  #refresh(): void {
    const { hosts, panicThreshold, localityWeighted, zoneAware } = this.#inputs;
    this.#version = hosts.version;
    this.#load = priorityLoad(hosts.sets.map(healthOf), panicThreshold);
    this.#only = this.#load.healthy.indexOf(100);
    if (localityWeighted) this.#localities = hosts.sets.map((set) => new LocalityWeighted(set));
    else if (zoneAware) this.#zoneAware = new ZoneAware(zoneAware, this.#inputs);
  }
}

/** What priority loads are computed from. */
export function healthOf(set: HostSet): PriorityHealth {
  const weightOf = (hosts: readonly Host[]) => hosts.reduce((sum, { weight }) => sum + weight, 0);
  return {
    total: set.all.hosts.length,
    healthy: set.healthy.hosts.length,
    degraded: set.degraded.hosts.length,
    excluded: set.excluded,
    weights: set.options.weightedPriorityHealth
      ? {
          total: weightOf(set.all.hosts.filter((host) => !isExcluded(host))),
          healthy: weightOf(set.healthy.hosts),
          degraded: weightOf(set.degraded.hosts),
        }
      : undefined,
    overprovisioningFactor: set.options.overprovisioningFactor,
  };
}

/** A load balancer of a policy that picks within groups. */
export class GroupLoadBalancer implements LoadBalancer {
  readonly #source: HostSource;
  readonly #policy: PickerPolicy;

  constructor(inputs: LoadBalancerInputs, policy: PickerPolicy) {
    this.#source = new HostSource(inputs);
    this.#policy = policy;
  }

  chooseHost(context: LoadBalancerContext, _attempt: number, priority?: number): Host | undefined {
    const group = this.#source.choose(context, priority);
    if (!group || group.hosts.length === 0) return undefined;
    const picker = (group.picker ??= this.#policy.pickerFor(group)) as HostPicker;
    return picker.pick(context);
  }
}
