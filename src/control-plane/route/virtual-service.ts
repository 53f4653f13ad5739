/**
 * Models the translation of a VirtualService's HTTP routes, one Envoy route per match.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, BuildHTTPRoutesForVirtualService, TranslateRoute.
 */
import type { HttpMatch, HttpRoute } from '../../istio/kinds/http-route.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { Route } from '../../xds/resources/route.ts';
import { selects } from '../config.ts';
import { configMetadata } from '../metadata.ts';
import { parseClusterName } from '../names.ts';
import { originIn, originOf, withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { usesGatewaySemantics } from '../push/virtual-services.ts';
import type { Service } from '../registry/service.ts';
import { corsPolicy } from './cors.ts';
import { directResponse } from './direct-response.ts';
import { faultConfig } from './fault.ts';
import { headerOperations } from './headers.ts';
import { isCatchAll, routeMatch } from './match.ts';
import { redirectAction } from './redirect.ts';
import { forwardingRoute } from './route-action.ts';

export interface RouteContext {
  readonly proxy: Proxy;
  readonly listenPort: number;
  /** "mesh", or the names of the gateways whose listener this is. */
  readonly gateways: ReadonlySet<string>;
  readonly isTls: boolean;
  readonly lookupService: (host: string) => Service | undefined;
}

/** Ends after the first route that takes everything. */
export function virtualServiceRoutes(config: VirtualService, context: RouteContext): Route[] {
  const routes: Route[] = [];
  for (const http of config.spec.http ?? []) {
    for (const [index, match] of (http.match?.length ? http.match : [undefined]).entries()) {
      const route = translate(config, http, match, index, context);
      if (!route) continue;
      routes.push(route);
      if (match && isCatchAll(route)) return routes;
    }
    if (!http.match?.length) return routes;
  }
  return routes;
}

function translate(
  config: VirtualService,
  http: HttpRoute,
  match: HttpMatch | undefined,
  matchIndex: number,
  context: RouteContext,
): Route | undefined {
  if (match?.port && match.port !== context.listenPort) return undefined;
  if (match && !isFromSource(match, context)) return undefined;
  const pathSeparated = usesGatewaySemantics(config);
  const operations = headerOperations(http.headers);
  const name = (http.name ?? '') + (match?.name ? `.${match.name}` : '');
  const base: Route = {
    ...(name && { name }),
    match: routeMatch(match, pathSeparated),
    metadata: configMetadata(config),
    ...(match?.statPrefix && { stat_prefix: match.statPrefix }),
    ...operations.mutations,
  };
  const acted: Route = http.redirect
    ? { ...base, redirect: redirectAction(http.redirect, context, pathSeparated) }
    : http.directResponse
      ? { ...base, direct_response: directResponse(http.directResponse) }
      : forwardingRoute(base, config, http, operations.authority, context);
  const filters = perFilterConfig(http);
  const made: Route = {
    ...acted,
    decorator: { operation: operationOf(acted, config.metadata.name, context.listenPort) },
    ...(filters && { typed_per_filter_config: filters }),
  };
  const origin = originOf(http) ?? originIn(config);
  const path = match ? [...origin.path, 'match', matchIndex] : origin.path;
  return withOrigin(made, { ...origin, path });
}

function isFromSource(match: HttpMatch, { proxy, gateways }: RouteContext): boolean {
  if (match.gateways?.length) return match.gateways.some((name) => gateways.has(name));
  if (!selects(match.sourceLabels, proxy.labels)) return false;
  return !match.sourceNamespace || match.sourceNamespace === proxy.node.namespace;
}

function perFilterConfig({ fault, corsPolicy: cors }: HttpRoute): Route['typed_per_filter_config'] {
  if (!fault && !cors) return undefined;
  return {
    ...(fault && {
      'envoy.filters.http.fault': packAny(
        'envoy.extensions.filters.http.fault.v3.HTTPFault',
        faultConfig(fault),
      ),
    }),
    ...(cors && {
      'envoy.filters.http.cors': packAny(
        'envoy.extensions.filters.http.cors.v3.CorsPolicy',
        corsPolicy(cors),
      ),
    }),
  };
}

/** The name of the span: where to and by which path. */
function operationOf(route: Route, configName: string, port: number): string {
  const { prefix, path, safe_regex: regex } = route.match;
  const where = prefix !== undefined ? `${prefix}*` : (path ?? regex?.regex ?? '/*');
  const parts = route.route?.cluster ? parseClusterName(route.route.cluster) : undefined;
  return parts ? `${parts.host}:${parts.port}${where}` : `${configName}:${port}${where}`;
}
