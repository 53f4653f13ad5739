/**
 * Models what istiod sends a proxy: listeners, routes, clusters and endpoints of one state of the world.
 *
 * Spec: istio pilot/pkg/networking/core/configgen.go.
 */
import type { ClusterLoadAssignment } from '../xds/resources/cluster-load-assignment.ts';
import type { Cluster } from '../xds/resources/cluster.ts';
import type { FilterChain } from '../xds/resources/filter-chain.ts';
import type { HttpConnectionManager } from '../xds/resources/http-connection-manager.ts';
import type { Listener } from '../xds/resources/listener.ts';
import type { RouteConfiguration } from '../xds/resources/route-configuration.ts';
import { inboundClusters } from './cluster/inbound.ts';
import { serviceClusters } from './cluster/outbound.ts';
import {
  blackHoleCluster,
  inboundPassthroughCluster,
  passthroughCluster,
} from './cluster/passthrough.ts';
import { compare } from './config.ts';
import type { ProxyNode } from './discovery/proxy-node.ts';
import { loadAssignment } from './endpoint/generate.ts';
import { inboundListeners } from './listener/inbound.ts';
import { outboundListeners } from './listener/outbound.ts';
import { virtualOutbound } from './listener/virtual-outbound.ts';
import { gatewayListeners } from './gateway/listeners.ts';
import { mergedGateway } from './gateway/merged-gateway.ts';
import { gatewayRouteConfig } from './gateway/routes.ts';
import { patchClusters } from './patch/cluster-patches.ts';
import type { PatchContext } from './patch/envoy-filters.ts';
import { patchListeners } from './patch/listener-patches.ts';
import { proxyIn, type Proxy } from './proxy.ts';
import type { PushContext } from './push/push-context.ts';
import { outboundRouteConfig } from './route/outbound.ts';

export function generateListeners(node: ProxyNode, push: PushContext): Listener[] {
  const proxy = proxyIn(push, node);
  if (proxy.isRouter) return patchListeners(proxy, 'GATEWAY', gatewayListeners(proxy), true);
  const [virtualInbound, ...customInbound] = inboundListeners(proxy);
  const patch = (context: PatchContext, listeners: Listener[], adds: boolean) =>
    patchListeners(proxy, context, listeners, adds);
  return [
    ...patch('SIDECAR_OUTBOUND', outboundListeners(proxy), true),
    ...patch('SIDECAR_OUTBOUND', [virtualOutbound(proxy)], false),
    ...patch('SIDECAR_INBOUND', virtualInbound ? [virtualInbound] : [], true),
    ...patch('SIDECAR_INBOUND', customInbound, false),
  ];
}

/** `names`: the route configurations asked for; those that the listeners name, by default. */
export function generateRoutes(
  node: ProxyNode,
  push: PushContext,
  names: readonly string[] = routeNames(generateListeners(node, push)),
): RouteConfiguration[] {
  const proxy = proxyIn(push, node);
  return names.map((name) =>
    proxy.isRouter
      ? gatewayRouteConfig(proxy, name)
      : proxy.shared(`route ${name}`, () => outboundRouteConfig(proxy, name)),
  );
}

export function generateClusters(node: ProxyNode, push: PushContext): Cluster[] {
  const proxy = proxyIn(push, node);
  const { mesh } = push;
  if (proxy.isRouter) {
    const all = [...outboundClusters(proxy), blackHoleCluster(mesh), ...sniClusters(proxy)];
    return firstOfName(patchClusters(proxy, 'GATEWAY', all));
  }
  const outbound = proxy.shared('clusters', () =>
    firstOfName(
      patchClusters(proxy, 'SIDECAR_OUTBOUND', [
        ...outboundClusters(proxy),
        blackHoleCluster(mesh),
        passthroughCluster(mesh),
      ]),
    ),
  );
  const hosts = proxy.targets.map(({ service }) => service.host);
  const inbound = patchClusters(
    proxy,
    'SIDECAR_INBOUND',
    [...inboundClusters(proxy), inboundPassthroughCluster(mesh)],
    hosts,
  );
  return [...outbound, ...firstOfName(inbound, namesOf(push, outbound))];
}

function namesOf(push: PushContext, shared: readonly Cluster[]): ReadonlySet<string> {
  const cache = push.cache<readonly Cluster[], ReadonlySet<string>>('cluster-names');
  let names = cache.get(shared);
  if (!names) cache.set(shared, (names = new Set(shared.map(({ name }) => name))));
  return names;
}

function outboundClusters(proxy: Proxy): Cluster[] {
  return proxy.scope.services.flatMap((service) => serviceClusters(proxy, service, 'outbound'));
}

/** A gateway that passes mutual TLS on by SNI has a second set of clusters, without TLS of its own. */
function sniClusters(proxy: Proxy): Cluster[] {
  if (!mergedGateway(proxy)?.passesByName) return [];
  return proxy.scope.services
    .filter(({ meshExternal }) => !meshExternal)
    .flatMap((service) => serviceClusters(proxy, service, 'sni'));
}

/** `names`: the clusters asked for; all whose endpoints come over EDS, by default. */
export function generateEndpoints(
  node: ProxyNode,
  push: PushContext,
  names: readonly string[] = endpointNames(generateClusters(node, push)),
): ClusterLoadAssignment[] {
  const proxy = proxyIn(push, node);
  return names.map((name) => proxy.shared(`endpoints ${name}`, () => loadAssignment(proxy, name)));
}

export interface ProxyAnswer {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/** All four lists, each sorted by name: what a proxy holds once it has asked for everything. */
export function generateEverything(node: ProxyNode, push: PushContext): ProxyAnswer {
  const listeners = generateListeners(node, push);
  const clusters = generateClusters(node, push);
  const byName = <T>(list: readonly T[], name: (it: T) => string) =>
    [...list].sort((a, b) => compare(name(a), name(b)));
  return {
    listeners: byName(listeners, (it) => it.name ?? ''),
    routes: byName(generateRoutes(node, push, routeNames(listeners)), (it) => it.name ?? ''),
    clusters: byName(clusters, (it) => it.name),
    endpoints: byName(
      generateEndpoints(node, push, endpointNames(clusters)),
      (it) => it.cluster_name,
    ),
  };
}

export function endpointNames(clusters: readonly Cluster[]): string[] {
  return clusters
    .filter(({ type }) => type === 'EDS')
    .map(({ name, eds_cluster_config: eds }) => eds?.service_name ?? name);
}

/** Route configurations that connection managers ask for, each once. */
export function routeNames(listeners: readonly Listener[]): string[] {
  const names = new Set<string>();
  for (const { filter_chains: chains = [], default_filter_chain: last } of listeners)
    for (const chain of [...chains, ...(last ? [last] : [])])
      for (const name of chainRouteNames(chain)) names.add(name);
  return [...names];
}

function chainRouteNames({ filters = [] }: FilterChain): string[] {
  return filters.flatMap(({ name, typed_config: config }) => {
    if (name !== 'envoy.filters.network.http_connection_manager' || !config) return [];
    const { rds } = config as unknown as HttpConnectionManager;
    return rds?.route_config_name ? [rds.route_config_name] : [];
  });
}

function firstOfName(clusters: readonly Cluster[], taken?: ReadonlySet<string>): Cluster[] {
  const seen = new Set<string>();
  return clusters.filter(({ name }) => {
    if (seen.has(name) || taken?.has(name)) return false;
    seen.add(name);
    return true;
  });
}
