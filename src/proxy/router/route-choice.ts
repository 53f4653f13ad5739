/**
 * Models the decision which route a request takes, with the reasons for a journal.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/route_matching
 */
import type { RoutedRequest } from '../http/routed-request.ts';
import { newUri, TO_HTTPS } from './redirect.ts';
import { matchRoute, virtualClusterOf, type VirtualHost } from './route-table.ts';
import type { Mismatch } from './route-matcher.ts';
import type { Route } from './route.ts';
import { pickWeighted, weightingNumber, type RouteAction } from './route-action.ts';

/** The route, also written into the stream's info; undefined when none matches. */
export function chooseRoute(stream: RoutedRequest): Route | undefined {
  const table = stream.manager.routes.table;
  stream.routeTable = table;
  const authority = stream.headers.get(':authority');
  const host =
    table === undefined || authority === undefined ? undefined : table.findVirtualHost(authority);
  stream.virtualHost = host;
  if (!host) {
    if (stream.journal) noteHost(stream, authority ?? '', undefined);
    return undefined;
  }
  if (stream.journal) noteHost(stream, authority ?? '', host);
  if (needsHttps(stream, host)) return HTTPS_REDIRECT;
  const route = stream.headers.get('x-forwarded-proto') === '' ? undefined : found(stream, host);
  if (!route) return undefined;
  const { info } = stream;
  info.route = route.resource;
  info.routeName = route.name;
  info.virtualHostName = host.name;
  if (host.virtualClusters.length > 0) {
    stream.virtualCluster = virtualClusterOf(host, stream.headers);
    info.virtualCluster = stream.virtualCluster === 'other' ? '' : stream.virtualCluster;
  }
  if (route.effect.kind === 'route' && route.effect.clusters.kind === 'weighted') {
    const { clusters, header } = route.effect.clusters;
    const number = header === '' ? undefined : weightingNumber(stream.headers, header);
    stream.weighted = pickWeighted(clusters, number ?? stream.random());
  }
  if (route.effect.kind === 'route') rememberCluster(stream, clusterName(stream, route.effect));
  return route;
}

/** The logs name the cluster as soon as there is a route, whatever a filter answers later. */
function rememberCluster(stream: RoutedRequest, name: string): void {
  const cluster = stream.proxy.clusters.cluster(name);
  if (!cluster) return;
  stream.info.cluster = name;
  stream.info.clusterResource = cluster.resource;
}

/** The cluster that a route names, by itself, by a header or by weight. */
export function clusterName(stream: RoutedRequest, { clusters }: RouteAction): string {
  switch (clusters.kind) {
    case 'one':
      return clusters.name;
    case 'header':
      return stream.headers.get(clusters.header) ?? '';
    case 'weighted': {
      const chosen = stream.weighted!;
      return chosen.name || (stream.headers.get(chosen.header) ?? '');
    }
  }
}

function found(stream: RoutedRequest, host: VirtualHost): Route | undefined {
  if (!stream.journal) return matchRoute(host, stream);
  const route = matchRoute(host, stream, (other, why) => notePassedOver(stream, other, why));
  if (route)
    stream.note(
      'route-matched',
      { path: stream.path, match: route.matcher.path.text, kind: route.matcher.path.kind },
      { type: 'route', name: route.name },
      route.resource,
    );
  else stream.note('route-not-found', { path: stream.path, routes: host.routes.length });
  return route;
}

function noteHost(stream: RoutedRequest, authority: string, host: VirtualHost | undefined): void {
  const table = stream.routeTable;
  const resource = { type: 'route-configuration', name: table?.name ?? '' };
  if (host)
    stream.note(
      'virtual-host-matched',
      { authority, virtualHost: host.name },
      resource,
      host.resource,
    );
  else stream.note('virtual-host-not-found', { authority }, resource, table?.resource);
}

function notePassedOver(stream: RoutedRequest, route: Route, why: Mismatch): void {
  stream.note(
    'route-not-matched',
    { why, match: route.matcher.path.text, kind: route.matcher.path.kind },
    { type: 'route', name: route.name },
    route.resource,
  );
}

function needsHttps(stream: RoutedRequest, host: VirtualHost): boolean {
  if (host.requireTls === 'none') return false;
  if (stream.headers.get('x-forwarded-proto') === 'https') return false;
  return host.requireTls === 'all' || stream.headers.get('x-envoy-internal') !== 'true';
}

/** What `require_tls` answers in place of any route. */
const HTTPS_REDIRECT: Route = {
  resource: {},
  name: '',
  matcher: {
    path: {
      kind: 'prefix',
      text: '',
      matches: () => true,
      matchedPart: () => '',
      template: undefined,
    },
    mismatch: () => undefined,
  },
  effect: { kind: 'redirect', status: 301, newUri: (headers) => newUri(TO_HTTPS, headers) },
  requestMutations: undefined,
  responseMutations: undefined,
  perFilter: undefined,
  operation: '',
  propagatesOperation: true,
  metadata: undefined,
  bufferBytesMax: undefined,
};
