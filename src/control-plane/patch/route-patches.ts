/**
 * Models EnvoyFilter patches of route tables, virtual hosts and routes.
 *
 * Spec: istio pilot/pkg/networking/core/envoyfilter/rc_patch.go.
 */
import type { RouteConfiguration, VirtualHost } from '../../xds/resources/route-configuration.ts';
import type { Route } from '../../xds/resources/route.ts';
import { parseClusterName } from '../names.ts';
import { withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { hasPatches, patchesFor, type EnvoyPatch, type PatchContext } from './envoy-filters.ts';
import { patchList } from './list-operations.ts';
import { mergeMessages } from './patch-value.ts';

export type { PatchContext };

export function patchRouteConfiguration(
  proxy: Proxy,
  context: PatchContext,
  given: RouteConfiguration,
): RouteConfiguration {
  if (!hasPatches(proxy)) return given;
  let config = given;
  const holds = (patch: EnvoyPatch) => tableMatches(config, context, patch);
  for (const patch of patchesFor(proxy, context, 'ROUTE_CONFIGURATION'))
    if (patch.operation === 'MERGE' && holds(patch)) config = mergeMessages(config, patch.value);
  const hostPatches = patchesFor(proxy, context, 'VIRTUAL_HOST').filter(holds);
  const routePatches = patchesFor(proxy, context, 'HTTP_ROUTE').filter(holds);
  if (hostPatches.length === 0 && routePatches.length === 0) return config;
  const hosts = (config.virtual_hosts ?? []).flatMap(
    (host) => patchHost(host, hostPatches, routePatches) ?? [],
  );
  const added = hostPatches
    .filter(({ operation }) => operation === 'ADD')
    .map((it) => withOrigin({ ...it.value } as unknown as VirtualHost, it.origin));
  return { ...config, virtual_hosts: [...hosts, ...added] };
}

function patchHost(
  given: VirtualHost,
  hostPatches: readonly EnvoyPatch[],
  routePatches: readonly EnvoyPatch[],
): VirtualHost | undefined {
  let host = given;
  for (const patch of hostPatches) {
    if (!hostMatches(host, patch)) continue;
    if (patch.operation === 'REMOVE') return undefined;
    if (patch.operation === 'MERGE') host = mergeMessages(host, patch.value);
    else if (patch.operation === 'REPLACE') host = { ...patch.value } as unknown as VirtualHost;
  }
  let routes: readonly Route[] = host.routes ?? [];
  const relevant = routePatches.filter((patch) => hostMatches(host, patch));
  if (relevant.length === 0) return host;
  routes = routes.map((route) =>
    relevant
      .filter((patch) => patch.operation === 'MERGE' && routeMatches(route, patch))
      .reduce((whole, patch) => mergeMessages(whole, patch.value), route),
  );
  for (const patch of relevant) {
    const hasMatch = patch.match.routeConfiguration?.vhost?.route !== undefined;
    const matches = (route: Route) => routeMatches(route, patch);
    const removesAll = patch.operation === 'REMOVE';
    routes = patchList(routes, patch, { hasMatch: hasMatch || removesAll, matches });
  }
  return { ...host, routes: [...routes] };
}

function tableMatches(
  { name = '' }: RouteConfiguration,
  context: PatchContext,
  { match }: EnvoyPatch,
): boolean {
  const wanted = match.routeConfiguration;
  if (!wanted) return true;
  if (wanted.name && wanted.name !== name) return false;
  if (context !== 'GATEWAY') return !wanted.portNumber || wanted.portNumber === tablePort(name);
  const [kind, port, portName, ...gateway] = name.split('.');
  const owner = kind === 'https' ? `${gateway[1] ?? ''}/${gateway[0] ?? ''}` : '';
  return (
    (!wanted.portName || wanted.portName === portName) &&
    (!wanted.gateway || wanted.gateway === owner) &&
    (!wanted.portNumber || wanted.portNumber === Number(port))
  );
}

/** "inbound|8080||" or "9080". */
function tablePort(name: string): number {
  return parseClusterName(name)?.port ?? Number(name);
}

function hostMatches(host: VirtualHost, { match }: EnvoyPatch): boolean {
  const wanted = match.routeConfiguration?.vhost;
  if (!wanted) return true;
  return (
    (!wanted.name || wanted.name === host.name) &&
    (!wanted.domainName || host.domains.includes(wanted.domainName))
  );
}

function routeMatches(route: Route, { match }: EnvoyPatch): boolean {
  const wanted = match.routeConfiguration?.vhost?.route;
  if (!wanted) return true;
  if (wanted.name && wanted.name !== route.name) return false;
  switch (wanted.action) {
    case 'ROUTE':
      return route.route !== undefined;
    case 'REDIRECT':
      return route.redirect !== undefined;
    case 'DIRECT_RESPONSE':
      return route.direct_response !== undefined;
    default:
      return true;
  }
}
