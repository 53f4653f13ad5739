/**
 * Models the choice of a load balancer by a Cluster resource: the old lb_policy with its options, or
 * the first known of load_balancing_policy.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-enum-config-cluster-v3-cluster-lbpolicy
 * Simplified: client_side_weighted_round_robin does not read load reports; override_host falls back.
 */
import {
  durationUs,
  flag,
  message,
  messageOrEmpty,
  messages,
  number,
  text,
  typeName,
  type Json,
} from '../upstream/proto-json.ts';
import { HashLoadBalancer } from './hash-load-balancer.ts';
import { GroupLoadBalancer } from './host-source.ts';
import { LeastRequest } from './least-request.ts';
import type { LoadBalancer, LoadBalancerInputs, ZoneAwareOptions } from './load-balancer.ts';
import { MaglevTable } from './maglev.ts';
import { RandomChoice } from './random.ts';
import { HashRing } from './ring-hash.ts';
import { RoundRobin } from './round-robin.ts';
import { SlowStart } from './slow-start.ts';
import { SubsetLoadBalancer } from './subset.ts';

/** What is wrong with a policy, in Envoy's words; undefined when nothing is. */
export function policyError(resource: Json): string | undefined {
  const policies = policiesOf(resource['load_balancing_policy']);
  if (policies.length > 0 && !chosenPolicy(resource['load_balancing_policy']))
    return `cluster: didn't find a registered load balancer factory with names from [${policies
      .map((policy) => text(messageOrEmpty(policy['typed_extension_config'])['name']))
      .join(', ')}]`;
  const maglev = number(messageOrEmpty(resource['maglev_lb_config'])['table_size'], 2);
  if (!isPrime(maglev)) return 'The table size of maglev must be prime number';
  const ring = messageOrEmpty(resource['ring_hash_lb_config']);
  const [min, max] = [number(ring['minimum_ring_size'], 1024), ringMax(ring)];
  if (min > max) return `ring hash: minimum_ring_size (${min}) > maximum_ring_size (${max})`;
  return undefined;
}

/** The name that the page and the journal show: "ROUND_ROBIN". */
export function policyName(resource: Json): string {
  const typed = chosenPolicy(resource['load_balancing_policy']);
  if (!typed) return text(resource['lb_policy'], 'ROUND_ROBIN');
  return typed.kind.toUpperCase();
}

export function createLoadBalancer(resource: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const typed = chosenPolicy(resource['load_balancing_policy']);
  if (typed) return fromTyped(typed, { ...inputs, localityWeighted: false, zoneAware: undefined });
  const create = (own: LoadBalancerInputs) => fromLbPolicy(resource, own);
  const subsets = message(resource['lb_subset_config']);
  return subsets && messages(subsets['subset_selectors']).length > 0
    ? new SubsetLoadBalancer(subsets, inputs, create)
    : create(inputs);
}

function fromLbPolicy(resource: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const hashing = messageOrEmpty(
    messageOrEmpty(resource['common_lb_config'])['consistent_hashing_lb_config'],
  );
  const optionsOf = (field: string) => messageOrEmpty(resource[field]);
  switch (text(resource['lb_policy'], 'ROUND_ROBIN')) {
    case 'LEAST_REQUEST':
      return leastRequest(optionsOf('least_request_lb_config'), inputs);
    case 'RANDOM':
      return new GroupLoadBalancer(inputs, new RandomChoice(inputs.random));
    case 'RING_HASH':
      return ringHash(optionsOf('ring_hash_lb_config'), hashing, inputs);
    case 'MAGLEV':
      return maglev(optionsOf('maglev_lb_config'), hashing, inputs);
    default:
      return roundRobin(optionsOf('round_robin_lb_config'), inputs);
  }
}

interface TypedPolicy {
  /** "round_robin": the last part of the package of its type. */
  readonly kind: string;
  readonly config: Json;
}

function fromTyped({ kind, config }: TypedPolicy, inputs: LoadBalancerInputs): LoadBalancer {
  const own = withLocalityConfig(messageOrEmpty(config['locality_lb_config']), inputs);
  const hashing = messageOrEmpty(config['consistent_hashing_lb_config']);
  switch (kind) {
    case 'least_request':
      return leastRequest(config, own);
    case 'random':
      return new GroupLoadBalancer(own, new RandomChoice(inputs.random));
    case 'ring_hash': {
      const legacy = { use_hostname_for_hashing: config['use_hostname_for_hashing'] };
      const weighted = {
        ...own,
        localityWeighted: message(config['locality_weighted_lb_config']) !== undefined,
      };
      return ringHash(config, { ...legacy, ...hashing }, weighted);
    }
    case 'maglev':
      return maglev(config, hashing, {
        ...own,
        localityWeighted: message(config['locality_weighted_lb_config']) !== undefined,
      });
    case 'subset': {
      const inner = chosenPolicy(config['subset_lb_policy']);
      const child = (childInputs: LoadBalancerInputs) =>
        inner ? fromTyped(inner, childInputs) : roundRobin({}, childInputs);
      return new SubsetLoadBalancer(config, own, child);
    }
    case 'wrr_locality':
    case 'override_host': {
      const field = kind === 'wrr_locality' ? 'endpoint_picking_policy' : 'fallback_policy';
      const inner = chosenPolicy(config[field]);
      const next = { ...own, localityWeighted: kind === 'wrr_locality' };
      return inner ? fromTyped(inner, next) : roundRobin({}, next);
    }
    default:
      return roundRobin(config, own);
  }
}

function withLocalityConfig(config: Json, inputs: LoadBalancerInputs): LoadBalancerInputs {
  const zoneAware = message(config['zone_aware_lb_config']);
  return {
    ...inputs,
    localityWeighted:
      inputs.localityWeighted || message(config['locality_weighted_lb_config']) !== undefined,
    zoneAware: zoneAware ? zoneAwareOptions(zoneAware, inputs.localHosts) : inputs.zoneAware,
    failTrafficOnPanic: flag(zoneAware?.['fail_traffic_on_panic'], inputs.failTrafficOnPanic),
  };
}

/** Zone awareness as common_lb_config or a typed policy states it. */
export function zoneAwareOptions(
  config: Json,
  localHosts: LoadBalancerInputs['localHosts'],
): ZoneAwareOptions {
  const force = message(config['force_local_zone']);
  return {
    routingEnabled: number(config['routing_enabled'], 100),
    clusterSizeMin: number(config['min_cluster_size'], 6),
    failTrafficOnPanic: flag(config['fail_traffic_on_panic']),
    forceLocalZoneHostsMin: force ? number(force['min_size'], 1) : undefined,
    localHosts,
  };
}

function roundRobin(options: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const { random, clock } = inputs;
  return new GroupLoadBalancer(inputs, new RoundRobin(random, slowStartOf(options, clock)));
}

function leastRequest(options: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const { random, clock } = inputs;
  const settings = {
    choiceCount: number(options['choice_count'], 2),
    activeRequestBias: number(messageOrEmpty(options['active_request_bias'])['default_value'], 1),
    fullScan: text(options['selection_method']) === 'FULL_SCAN',
  };
  const slowStart = slowStartOf(options, clock);
  return new GroupLoadBalancer(inputs, new LeastRequest(random, settings, slowStart));
}

const RING_SIZE_MAX = 8 * 1024 * 1024;

function ringMax(options: Json): number {
  return Math.min(number(options['maximum_ring_size'], RING_SIZE_MAX), RING_SIZE_MAX);
}

function ringHash(options: Json, hashing: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const ring = {
    sizeMin: number(options['minimum_ring_size'], 1024),
    sizeMax: ringMax(options),
    usesMurmur: text(options['hash_function']) === 'MURMUR_HASH_2',
    usesHostname: flag(hashing['use_hostname_for_hashing']),
  };
  return new HashLoadBalancer(
    inputs,
    (weighted) => new HashRing(weighted, ring),
    {
      size: 'ring_hash_lb.size',
      min: 'ring_hash_lb.min_hashes_per_host',
      max: 'ring_hash_lb.max_hashes_per_host',
    },
    number(hashing['hash_balance_factor'], 0),
  );
}

const MAGLEV_SIZE = 65_537;

function maglev(options: Json, hashing: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const table = {
    tableSize: number(options['table_size'], MAGLEV_SIZE),
    usesHostname: flag(hashing['use_hostname_for_hashing']),
  };
  return new HashLoadBalancer(
    inputs,
    (weighted) => new MaglevTable(weighted, table),
    {
      size: '',
      min: 'maglev_lb.min_entries_per_host',
      max: 'maglev_lb.max_entries_per_host',
    },
    number(hashing['hash_balance_factor'], 0),
  );
}

function slowStartOf(options: Json, clock: { readonly now: number }): SlowStart | undefined {
  const config = message(options['slow_start_config']);
  const windowUs = durationUs(config?.['slow_start_window'], 0);
  if (!config || windowUs === 0) return undefined;
  return new SlowStart(
    {
      windowUs,
      aggression: number(messageOrEmpty(config['aggression'])['default_value'], 1),
      weightShareMin: number(config['min_weight_percent'], 10) / 100,
    },
    clock,
  );
}

const KINDS = [
  'round_robin',
  'least_request',
  'random',
  'ring_hash',
  'maglev',
  'subset',
  'wrr_locality',
  'override_host',
  'client_side_weighted_round_robin',
  'cluster_provided',
];

function policiesOf(policy: unknown): readonly Json[] {
  return messages(messageOrEmpty(policy)['policies']);
}

/** The first policy of a list that is known. */
function chosenPolicy(policy: unknown): TypedPolicy | undefined {
  for (const entry of policiesOf(policy)) {
    const config = messageOrEmpty(messageOrEmpty(entry['typed_extension_config'])['typed_config']);
    const kind = /^envoy\.extensions\.load_balancing_policies\.(\w+)\./.exec(typeName(config))?.[1];
    if (kind !== undefined && KINDS.includes(kind)) return { kind, config };
  }
  return undefined;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++)
    if (candidate % divisor === 0) return false;
  return candidate > 1;
}
