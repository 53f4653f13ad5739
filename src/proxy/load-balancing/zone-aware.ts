/**
 * Models zone aware routing: traffic stays in the proxy's own zone as far as that spreads the load
 * evenly over all hosts.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware
 */
import type { HostGroup, HostSet, LocalityGroup, PrioritySet } from '../upstream/host-set.ts';
import { sameLocality } from '../upstream/host.ts';
import type { LoadBalancerInputs, ZoneAwareOptions } from './load-balancer.ts';
import { isInPanic } from './priority-load.ts';

/** Shares are in ten-thousandths. */
const WHOLE = 10_000;

interface Routing {
  readonly localVersion: number;
  /** Undefined: no zone aware routing. */
  readonly localShare: number | undefined;
  /** What each locality can take beyond its even share, cumulated. */
  readonly residual: readonly number[];
}

export class ZoneAware {
  readonly #options: ZoneAwareOptions;
  readonly #inputs: LoadBalancerInputs;
  #routing: Routing | undefined;

  constructor(options: ZoneAwareOptions, inputs: LoadBalancerInputs) {
    this.#options = options;
    this.#inputs = inputs;
  }

  /** The hosts of one locality; undefined when zones do not matter for this request. */
  choose(set: HostSet, isDegraded: boolean): HostGroup | undefined {
    const local = this.#options.localHosts();
    // Envoy compares with its own cluster only at priority 0.
    if (set.priority !== 0 || !local) return undefined;
    if (!this.#routing || this.#routing.localVersion !== local.version)
      this.#routing = this.#recalculate(set, local);
    const { localShare, residual } = this.#routing;
    if (localShare === undefined) return undefined;
    const { random, count, panicThreshold } = this.#inputs;
    if (this.#options.routingEnabled < 100 && random.uint32() % 100 >= this.#options.routingEnabled)
      return undefined;
    const ours = local.sets[0];
    if (!ours || isInPanic(countsOf(ours), panicThreshold)) {
      count('lb_local_cluster_not_ok');
      return undefined;
    }
    const group = (locality: LocalityGroup) => (isDegraded ? locality.degraded : locality.healthy);
    if (localShare >= WHOLE) {
      count('lb_zone_routing_all_directly');
      return group(set.localities[0]!);
    }
    if (random.uint32() % WHOLE < localShare) {
      count('lb_zone_routing_sampled');
      return group(set.localities[0]!);
    }
    count('lb_zone_routing_cross_zone');
    const total = residual.at(-1) ?? 0;
    if (total === 0) {
      count('lb_zone_no_capacity_left');
      return group(set.localities[random.uint32() % set.localities.length]!);
    }
    const point = random.uint32() % total;
    return group(set.localities[residual.findIndex((end) => point < end)]!);
  }

  #recalculate(set: HostSet, local: PrioritySet): Routing {
    this.#inputs.count('lb_recalculate_zone_structures');
    const off = { localVersion: local.version, localShare: undefined, residual: [] };
    const ours = local.sets[0];
    if (!ours || !set.hasLocalLocality || !ours.hasLocalLocality) return off;
    if (set.localities.length < 2 || ours.localities.length === 0) return off;
    const { clusterSizeMin, forceLocalZoneHostsMin } = this.#options;
    const localHosts = set.localities[0]!.healthy.hosts.length;
    if (forceLocalZoneHostsMin !== undefined && localHosts >= forceLocalZoneHostsMin)
      return { localVersion: local.version, localShare: WHOLE, residual: [] };
    if (set.healthy.hosts.length < clusterSizeMin) {
      this.#inputs.count('lb_zone_cluster_too_small');
      return off;
    }
    const upstreamShares = shares(set.localities, set.healthy.hosts.length);
    const localShares = set.localities.map(({ locality }) => {
      const same = ours.localities.find((other) => sameLocality(other.locality, locality));
      return same ? share(same.healthy.hosts.length, ours.healthy.hosts.length) : 0;
    });
    if (upstreamShares[0]! >= localShares[0]!)
      return { localVersion: local.version, localShare: WHOLE, residual: [] };
    const localShare = Math.floor((upstreamShares[0]! * WHOLE) / localShares[0]!);
    let sum = 0;
    const residual = upstreamShares.map((upstream, i) => {
      if (i > 0) sum += Math.max(0, upstream - localShares[i]!);
      return sum;
    });
    return { localVersion: local.version, localShare, residual };
  }
}

function shares(localities: readonly LocalityGroup[], total: number): number[] {
  return localities.map(({ healthy }) => share(healthy.hosts.length, total));
}

function share(part: number, total: number): number {
  return total === 0 ? 0 : Math.floor((WHOLE * part) / total);
}

function countsOf(set: HostSet) {
  return {
    total: set.all.hosts.length,
    healthy: set.healthy.hosts.length,
    degraded: set.degraded.hosts.length,
    excluded: set.excluded,
    overprovisioningFactor: set.options.overprovisioningFactor,
  };
}
