/** Models the question every load balancer answers: which host gets this request? */
import type { LoadBalancerContext } from '../upstream/contract.ts';
import type { HostGroup, PrioritySet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';

export interface LoadBalancer {
  /**
   * Undefined when there is nobody to choose. Asking counts as a pick. `attempt` counts from 0: how
   * often a host that was chosen for this same request was turned down. `priority` is given when
   * an aggregate has chosen it already.
   */
  chooseHost(context: LoadBalancerContext, attempt: number, priority?: number): Host | undefined;
}

/** Picks among the hosts of one group. */
export interface HostPicker {
  pick(context: LoadBalancerContext): Host | undefined;
}

/** A policy for groups: round robin, least request and random differ only in this. */
export interface PickerPolicy {
  pickerFor(group: HostGroup): HostPicker;
}

/** 32 random bits, from a named stream. */
export interface RandomBits {
  uint32(): number;
}

/** What a load balancer is built from; the same for each. */
export interface LoadBalancerInputs {
  readonly hosts: PrioritySet;
  readonly random: RandomBits;
  /** Virtual time, for slow start. */
  readonly clock: { readonly now: number };
  readonly panicThreshold: number;
  readonly failTrafficOnPanic: boolean;
  readonly localityWeighted: boolean;
  readonly zoneAware: ZoneAwareOptions | undefined;
  /** Hosts of the cluster that this proxy itself belongs to. */
  readonly localHosts: () => PrioritySet | undefined;
  /** Requests that run in the whole cluster. */
  readonly activeRequests: () => number;
  /** lb_healthy_panic and lb_zone_*. */
  readonly count: (statistic: string, by?: number) => void;
  /** ring_hash_lb.*, maglev_lb.*, lb_subsets_active. */
  readonly setGauge: (statistic: string, value: number) => void;
}

export interface ZoneAwareOptions {
  /** Percent of requests. */
  readonly routingEnabled: number;
  readonly clusterSizeMin: number;
  readonly failTrafficOnPanic: boolean;
  readonly forceLocalZoneHostsMin: number | undefined;
  /** Hosts of the cluster that this proxy itself belongs to. */
  readonly localHosts: () => PrioritySet | undefined;
}
