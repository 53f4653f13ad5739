/**
 * Models subset load balancing: a request goes to the hosts whose metadata match what its route asks
 * for, and a policy says what happens when there are none.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/subsets
 * Simplified: no metadata_fallback_policy, no scaling of locality weights.
 */
import type { LoadBalancerContext } from '../upstream/contract.ts';
import { HostSet, PrioritySet } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import { flag, messageOrEmpty, messages, text, texts, type Json } from '../upstream/proto-json.ts';
import { sameJson } from '../upstream/same-json.ts';
import type { LoadBalancer, LoadBalancerInputs } from './load-balancer.ts';

type Fallback = 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET' | 'NOT_DEFINED';
type Criteria = readonly (readonly [key: string, value: unknown])[];

interface Selector {
  /** Sorted. */
  readonly keys: readonly string[];
  readonly fallback: Fallback;
  readonly fallbackKeys: readonly string[];
  readonly isSingleHost: boolean;
}

interface Subset {
  readonly hosts: PrioritySet;
  readonly loadBalancer: LoadBalancer;
  readonly matches: (host: Host) => boolean;
  isActive: boolean;
  /** Is it one of a selector, in the statistics? */
  isCounted: boolean;
}

/** Subsets are made when first asked for; a cluster cannot have more than so many. */
const SUBSETS_MAX = 100_000;

/** Envoy's main thread has each subset once more than its (one) worker, and both count. */
const PER_SUBSET = 2;

export class SubsetLoadBalancer implements LoadBalancer {
  readonly #inputs: LoadBalancerInputs;
  readonly #create: (inputs: LoadBalancerInputs) => LoadBalancer;
  readonly #selectors: readonly Selector[];
  readonly #fallback: Fallback;
  readonly #defaultSubset: Criteria;
  readonly #panicsToAny: boolean;
  readonly #matchesLists: boolean;
  readonly #subsets = new Map<string, Subset>();
  #version = -1;

  constructor(
    config: Json,
    inputs: LoadBalancerInputs,
    create: (inputs: LoadBalancerInputs) => LoadBalancer,
  ) {
    this.#inputs = inputs;
    this.#create = create;
    this.#selectors = messages(config['subset_selectors']).map(selectorOf);
    this.#fallback = text(config['fallback_policy'], 'NO_FALLBACK') as Fallback;
    this.#defaultSubset = criteriaOf(messageOrEmpty(config['default_subset']));
    this.#panicsToAny = flag(config['panic_mode_any']);
    this.#matchesLists = flag(config['list_as_any']);
    inputs.setGauge('lb_subsets_active', 0);
  }

  chooseHost(context: LoadBalancerContext, attempt: number, priority?: number): Host | undefined {
    const { hosts, count } = this.#inputs;
    if (hosts.version !== this.#version) this.#refresh();
    const criteria = context.metadataMatch && criteriaOf(context.metadataMatch);
    const selector = criteria && this.#selectorOf(criteria);
    if (criteria && selector) {
      const subset = this.#subset(criteria, selector.isSingleHost);
      if (subset.isActive) {
        count('lb_subsets_selected');
        return subset.loadBalancer.chooseHost(context, attempt, priority);
      }
      if (selector.fallback === 'KEYS_SUBSET') {
        const fewer = criteria.filter(([key]) => selector.fallbackKeys.includes(key));
        return this.chooseHost({ ...context, metadataMatch: Object.fromEntries(fewer) }, attempt);
      }
    }
    const fallback =
      selector && selector.fallback !== 'NOT_DEFINED' ? selector.fallback : this.#fallback;
    return this.#chooseFallback(fallback, context, attempt);
  }

  #chooseFallback(
    fallback: Fallback,
    context: LoadBalancerContext,
    attempt: number,
  ): Host | undefined {
    const { count } = this.#inputs;
    if (fallback === 'ANY_ENDPOINT' || fallback === 'DEFAULT_SUBSET') {
      const criteria = fallback === 'ANY_ENDPOINT' ? [] : this.#defaultSubset;
      const host = this.#subset(criteria, false).loadBalancer.chooseHost(context, attempt);
      if (host) {
        count('lb_subsets_fallback');
        return host;
      }
    }
    if (!this.#panicsToAny) return undefined;
    count('lb_subsets_fallback_panic');
    return this.#subset([], false).loadBalancer.chooseHost(context, attempt);
  }

  /** The selector with exactly these keys. */
  #selectorOf(criteria: Criteria): Selector | undefined {
    return this.#selectors.find(
      ({ keys }) =>
        keys.length === criteria.length && keys.every((key, i) => key === criteria[i]![0]),
    );
  }

  #subset(criteria: Criteria, isSingleHost: boolean): Subset {
    const name = JSON.stringify(criteria);
    const known = this.#subsets.get(name);
    if (known) return known;
    if (this.#subsets.size >= SUBSETS_MAX) this.#subsets.clear();
    const hosts = new PrioritySet();
    const subset: Subset = {
      hosts,
      loadBalancer: this.#create({ ...this.#inputs, hosts }),
      matches: this.#matcherOf(criteria, isSingleHost),
      isActive: false,
      isCounted: false,
    };
    this.#fill(subset);
    this.#subsets.set(name, subset);
    return subset;
  }

  #matcherOf(criteria: Criteria, isSingleHost: boolean): (host: Host) => boolean {
    const matches = (host: Host) =>
      criteria.every(([key, wanted]) => this.#hasValue(host, key, wanted));
    if (!isSingleHost) return matches;
    const first = () => this.#inputs.hosts.sets.flatMap((set) => set.all.hosts).find(matches);
    return (host) => host === first();
  }

  #hasValue(host: Host, key: string, wanted: unknown): boolean {
    const metadata = host.metadata['envoy.lb'] as Readonly<Record<string, unknown>> | undefined;
    const value = metadata?.[key];
    if (value === undefined) return false;
    if (this.#matchesLists && Array.isArray(value))
      return value.some((item) => sameJson(item, wanted));
    return sameJson(value, wanted);
  }

  /** Every selector has a subset for each combination of values that some host has. */
  #refresh(): void {
    const { hosts, count, setGauge } = this.#inputs;
    this.#version = hosts.version;
    for (const subset of this.#subsets.values()) this.#fill(subset);
    for (const set of hosts.sets)
      for (const host of set.all.hosts)
        for (const { keys, isSingleHost } of this.#selectors) {
          const metadata = messageOrEmpty(host.metadata['envoy.lb']);
          if (!keys.every((key) => metadata[key] !== undefined)) continue;
          const criteria = keys.map((key) => [key, metadata[key]] as const);
          if (this.#subsets.has(JSON.stringify(criteria))) continue;
          this.#subset(criteria, isSingleHost).isCounted = true;
          count('lb_subsets_created', PER_SUBSET);
        }
    let active = 0;
    for (const subset of this.#subsets.values())
      if (subset.isCounted && subset.isActive) active += PER_SUBSET;
    setGauge('lb_subsets_active', active);
  }

  #fill(subset: Subset): void {
    subset.hosts.update(
      this.#inputs.hosts.sets.map(
        (set) => new HostSet(set.priority, set.all.hosts.filter(subset.matches), set.options),
      ),
    );
    subset.isActive = subset.hosts.sets.some(({ all }) => all.hosts.length > 0);
  }
}

function selectorOf(json: Json): Selector {
  return {
    keys: [...texts(json['keys'])].sort(),
    fallback: text(json['fallback_policy'], 'NOT_DEFINED') as Fallback,
    fallbackKeys: texts(json['fallback_keys_subset']),
    isSingleHost: flag(json['single_host_per_subset']),
  };
}

function criteriaOf(fields: Readonly<Record<string, unknown>>): Criteria {
  return Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}
