/**
 * Models locality-aware load balancing: weights by distribution, priorities by failover.
 *
 * Spec: istio pilot/pkg/networking/core/loadbalancer/loadbalancer.go.
 */
import type { LocalityLoadBalancer } from '../../istio/kinds/load-balancer.ts';
import type { Locality, LocalityLbEndpoints } from '../../xds/resources/cluster-load-assignment.ts';
import { without } from '../without.ts';
import type { Proxy } from '../proxy.ts';
import type { Service, ServiceEndpoint } from '../registry/service.ts';

/** Endpoints of one locality, as Envoy sees them and as istiod does, in the same order. */
export interface LocalityGroup {
  readonly endpoints: readonly ServiceEndpoint[];
  readonly envoy: LocalityLbEndpoints;
}

export interface LocalitySetting {
  readonly setting: LocalityLoadBalancer | undefined;
  /** A service's trafficDistribution asks for it even without outlier detection. */
  readonly isForced: boolean;
}

const SAME_ZONE = [
  'topology.istio.io/network',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
];
const SAME_NODE = [...SAME_ZONE, 'topology.istio.io/subzone', 'kubernetes.io/hostname'];

/** The rule's setting, else what the service asks, else the mesh's; none where it is switched off. */
export function localitySetting(
  mesh: LocalityLoadBalancer | undefined,
  rule: LocalityLoadBalancer | undefined,
  service: Service | undefined,
): LocalitySetting {
  if (rule) return { setting: rule.enabled === false ? undefined : rule, isForced: false };
  if (service?.trafficDistribution) {
    const isNode = service.trafficDistribution === 'PreferSameNode';
    return { setting: { failoverPriority: isNode ? SAME_NODE : SAME_ZONE }, isForced: true };
  }
  return { setting: mesh?.enabled === false ? undefined : mesh, isForced: false };
}

/** Locality weights count in Envoy only where the cluster says so. */
export function needsLocalityWeights(
  setting: LocalityLoadBalancer | undefined,
  hasFailover: boolean,
): boolean {
  if (!setting) return false;
  return !!(setting.distribute || (hasFailover && (setting.failover || setting.failoverPriority)));
}

export function applyLocality(
  groups: readonly LocalityGroup[],
  setting: LocalityLoadBalancer | undefined,
  hasFailover: boolean,
  proxy: Proxy,
): LocalityLbEndpoints[] {
  const envoy = groups.map((group) => group.envoy);
  if (!setting) return envoy;
  if (setting.distribute) return distribute(envoy, setting.distribute, proxy.locality);
  if (!hasFailover) return envoy;
  if (!setting.failoverPriority?.length) return failover(envoy, setting.failover, proxy.locality);
  const byLabels = failoverPriorities(groups, setting.failoverPriority, proxy);
  return setting.failover?.length ? failover(byLabels, setting.failover, proxy.locality) : byLabels;
}

/** The first entry that fits the proxy shares 100 % among the localities it names; others get none. */
function distribute(
  groups: readonly LocalityLbEndpoints[],
  rules: NonNullable<LocalityLoadBalancer['distribute']>,
  own: Locality,
): LocalityLbEndpoints[] {
  const rule = rules.find(({ from }) => localityMatches(own, from ?? ''));
  if (!rule) return [...groups];
  const weights = new Map<LocalityLbEndpoints, number>();
  for (const [target, share] of Object.entries(rule.to ?? {})) {
    const fitting = groups.filter(
      (it) => !weights.has(it) && localityMatches(it.locality ?? {}, target),
    );
    const total = fitting.reduce((sum, it) => sum + (it.load_balancing_weight ?? 1), 0);
    for (const group of fitting)
      weights.set(group, Math.ceil(((group.load_balancing_weight ?? 1) * share) / total));
  }
  return groups.map((group) => {
    const weight = weights.get(group);
    if (weight === undefined) return without(group, 'lb_endpoints');
    return weight > 0 ? { ...group, load_balancing_weight: weight } : group;
  });
}

/** "region/zone/*" against a locality. */
function localityMatches(locality: Locality, rule: string): boolean {
  const wanted = rule.split('/');
  const parts = [locality.region ?? '', locality.zone ?? '', locality.sub_zone ?? ''];
  return wanted.every((part, at) => part === '*' || part === '' || part === parts[at]);
}

/** Same subzone, zone, region, elsewhere, and last what failover leads away from. */
function failover(
  groups: readonly LocalityLbEndpoints[],
  rules: LocalityLoadBalancer['failover'],
  own: Locality,
): LocalityLbEndpoints[] {
  const priorities = groups.map((group) => {
    let distance = localityDistance(own, group.locality ?? {});
    const rule = distance === 3 ? rules?.find(({ from }) => from === own.region) : undefined;
    if (rule && group.locality?.region !== rule.to) distance = 4;
    return (group.priority ?? 0) * 5 + distance;
  });
  return withDensePriorities(groups, priorities);
}

function localityDistance(own: Locality, other: Locality): number {
  if ((own.region ?? '') !== (other.region ?? '')) return 3;
  if ((own.zone ?? '') !== (other.zone ?? '')) return 2;
  return (own.sub_zone ?? '') === (other.sub_zone ?? '') ? 0 : 1;
}

/** The more of the named labels an endpoint shares with the proxy, the earlier its turn. */
function failoverPriorities(
  groups: readonly LocalityGroup[],
  labels: readonly string[],
  proxy: Proxy,
): LocalityLbEndpoints[] {
  const wanted = labels.map((label): [string, string | undefined] => {
    const [name = '', value] = label.split('=');
    return [name, value ?? proxy.labels[name]];
  });
  const split: LocalityLbEndpoints[] = [];
  const priorities: number[] = [];
  for (const { endpoints, envoy } of groups) {
    const byPriority = new Map<number, number[]>();
    for (const [at, endpoint] of endpoints.entries()) {
      const miss = wanted.findIndex(([name, value]) => value !== endpoint.labels[name]);
      const priority = miss < 0 ? 0 : labels.length - miss;
      byPriority.set(priority, [...(byPriority.get(priority) ?? []), at]);
    }
    for (const [priority, indexes] of [...byPriority].sort(([a], [b]) => a - b)) {
      const chosen = indexes.map((at) => envoy.lb_endpoints![at]!);
      const weight = chosen.reduce((sum, it) => sum + (it.load_balancing_weight ?? 0), 0);
      split.push({ ...envoy, lb_endpoints: chosen, load_balancing_weight: weight });
      priorities.push(priority);
    }
  }
  return withDensePriorities(split, priorities);
}

/** Envoy wants priorities without gaps; 0 is not written. */
function withDensePriorities(
  groups: readonly LocalityLbEndpoints[],
  priorities: readonly number[],
): LocalityLbEndpoints[] {
  const order = [...new Set(priorities)].sort((a, b) => a - b);
  return groups.map((group, at) => {
    const rest = without(group, 'priority');
    const dense = order.indexOf(priorities[at]!);
    return dense > 0 ? { ...rest, priority: dense } : rest;
  });
}
