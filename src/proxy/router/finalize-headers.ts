/**
 * Models what a route does to the headers of a request on its way up and of its response on its way
 * down: mutations of all levels, host and path rewrites, x-envoy-original-*.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
import type { HeaderMap } from '../http/header-map.ts';
import { appendComma } from '../http/request-headers.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { WeightedCluster } from './route-action.ts';
import type { RouteTable, VirtualHost } from './route-table.ts';
import type { Route } from './route.ts';

/** The levels whose mutations apply; each may be missing. */
export interface MutationLevels {
  readonly weighted: WeightedCluster | undefined;
  readonly route: Route;
  readonly virtualHost: VirtualHost | undefined;
  readonly routeTable: RouteTable | undefined;
}

/** Most specific first, or last when most_specific_header_mutations_wins says so. */
function applyLevels(
  levels: MutationLevels,
  kind: 'requestMutations' | 'responseMutations',
  headers: HeaderMap,
  info: StreamInfo,
): void {
  const { weighted, route, virtualHost, routeTable } = levels;
  if (routeTable?.mostSpecificWins) {
    routeTable[kind]?.apply(headers, info);
    virtualHost?.[kind]?.apply(headers, info);
    route[kind]?.apply(headers, info);
    weighted?.[kind]?.apply(headers, info);
    return;
  }
  weighted?.[kind]?.apply(headers, info);
  route[kind]?.apply(headers, info);
  virtualHost?.[kind]?.apply(headers, info);
  routeTable?.[kind]?.apply(headers, info);
}

export function finalizeRequestHeaders(
  headers: HeaderMap,
  levels: MutationLevels,
  info: StreamInfo,
  insertOriginal: boolean,
): void {
  applyLevels(levels, 'requestMutations', headers, info);
  const { effect } = levels.route;
  if (effect.kind !== 'route') return;
  const host = levels.weighted?.hostRewrite || effect.rewriteHost?.(headers);
  if (host) setAuthority(headers, host, effect.appendXForwardedHost, insertOriginal);
  const path = effect.rewritePath?.(headers);
  if (path === undefined) return;
  if (insertOriginal) headers.set('x-envoy-original-path', headers.get(':path') ?? '');
  headers.set(':path', path);
}

export function setAuthority(
  headers: HeaderMap,
  host: string,
  appendForwarded: boolean,
  keepOriginal: boolean,
): void {
  const old = headers.get(':authority');
  if (old !== undefined && old !== host) {
    if (keepOriginal) headers.set('x-envoy-original-host', old);
    if (appendForwarded) appendComma(headers, 'x-forwarded-host', old);
  }
  headers.set(':authority', host);
}

export function finalizeResponseHeaders(
  headers: HeaderMap,
  levels: MutationLevels,
  info: StreamInfo,
): void {
  applyLevels(levels, 'responseMutations', headers, info);
}
