/**
 * Models the router as the last HTTP filter: what becomes of a request once all others let it pass.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
import type { Message } from '../config/message.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import type {
  HostOverride,
  UpstreamCluster,
  UpstreamHost,
  UpstreamRequest,
} from '../upstream/contract.ts';
import { finalizeRequestHeaders, finalizeResponseHeaders } from './finalize-headers.ts';
import { hashKeyOf } from './hash-policy.ts';
import { RetryState, takeAskedRetries } from './retry-state.ts';
import type { RouteAction } from './route-action.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { clusterName } from './route-choice.ts';
import { takeTimeouts } from './timeouts.ts';

const NO_HOSTS: readonly UpstreamHost[] = [];

export class RouterFilter implements HttpFilter {
  readonly name: string;
  readonly suppressesEnvoyHeaders: boolean;

  constructor(name: string, config: Message) {
    this.name = name;
    this.suppressesEnvoyHeaders = config.flag('suppress_envoy_headers');
  }

  decode(stream: HttpStream): FilterStatus {
    const { route } = stream;
    if (!route) {
      stream.manager.stats.noRoute.inc();
      stream.sendLocalReply({ status: 404, body: '', details: 'route_not_found', flag: 'NR' });
      return 'stop';
    }
    const { effect } = route;
    if (effect.kind === 'route') this.#forward(stream, route, effect);
    else if (effect.kind === 'redirect')
      this.#reply(stream, route, effect.status, '', effect.newUri(stream.headers));
    else if (effect.kind === 'direct-response') {
      const needsLocation = effect.status === 201 || Math.floor(effect.status / 100) === 3;
      const location = needsLocation ? ownUri(stream.headers) : '';
      this.#reply(stream, route, effect.status, effect.body, location);
    } else stream.sendLocalReply({ status: 404, body: '', details: 'route_not_found', flag: 'NR' });
    return 'stop';
  }

  #reply(stream: HttpStream, route: Route, status: number, body: string, location: string): void {
    stream.manager.stats.rqDirectResponse.inc();
    if (stream.journal)
      stream.note(
        route.effect.kind === 'redirect' ? 'redirect' : 'direct-response',
        { status, location },
        { type: 'route', name: route.name },
        route.resource,
      );
    const { weighted, virtualHost, routeTable } = stream;
    stream.sendLocalReply({
      status,
      body,
      details: 'direct_response',
      headers: (headers) => {
        if (location !== '') headers.set('location', location);
        const levels = { weighted, route, virtualHost, routeTable };
        finalizeResponseHeaders(headers, levels, stream.info);
      },
    });
  }

  #forward(stream: HttpStream, route: Route, action: RouteAction): void {
    const name = clusterName(stream, action);
    const { proxy } = stream;
    const cluster = proxy.clusters.cluster(name);
    if (!cluster) {
      stream.manager.stats.noCluster.inc();
      if (stream.journal) stream.note('cluster-not-found', { cluster: name });
      const status = action.clusterNotFoundStatus;
      stream.sendLocalReply({ status, body: '', details: 'cluster_not_found', flag: 'NC' });
      return;
    }
    stream.manager.stats.routedTotal.inc();
    if (stream.journal)
      stream.note(
        'cluster-chosen',
        { cluster: name, how: action.clusters.kind },
        { type: 'cluster', name },
        stream.weighted?.resource ?? cluster.resource,
      );
    this.#route(stream, route, action, cluster);
  }

  #route(stream: HttpStream, route: Route, action: RouteAction, cluster: UpstreamCluster): void {
    const { headers, info, virtualHost, routeTable, weighted, proxy } = stream;
    const policy = action.retryPolicy ?? virtualHost?.retryPolicy;
    const request = this.#upstreamRequest(stream, action);
    const timeouts = takeTimeouts(headers, action, policy, stream.isGrpc);
    const levels = { weighted, route, virtualHost, routeTable };
    finalizeRequestHeaders(headers, levels, info, !this.suppressesEnvoyHeaders);
    const asked = takeAskedRetries(headers);
    const mayRetry =
      (policy !== undefined || asked.retryOn.length > 0) &&
      (policy === undefined ||
        policy.requestHeaders.length === 0 ||
        policy.requestHeaders.some((matcher) => matcher.matches(headers)));
    const retries = mayRetry
      ? new RetryState(policy, asked, cluster, action.priority, proxy.random, proxy.runtime)
      : undefined;
    if (policy) limitHosts(request, policy.avoidsPreviousHosts, policy.hostSelectionAttemptsMax);
    const router = new Router(this, stream, route, action, cluster, timeouts, retries, request);
    stream.sink = router;
    router.start();
  }

  #upstreamRequest(stream: HttpStream, action: RouteAction): UpstreamRequest {
    const { info, headers, connection } = stream;
    const hashKey =
      action.hashPolicies.length === 0
        ? undefined
        : hashKeyOf(action.hashPolicies, hashInput(stream));
    return {
      context: {
        hashKey,
        metadataMatch: mergedMetadata(stream, action),
        requestHeaders: headers,
        downstreamConnection: connection.connection.end,
        hostsTried: NO_HOSTS,
        rejectHost: undefined,
        hostSelectionAttemptsMax: 1,
        prioritiesTried: [],
        overrideHost: stream.overrideHost,
      },
      priority: action.priority,
      downstreamVersion: stream.version,
      alpnOverride: stream.alpnOverride,
      requestedServerName: info.requestedServerName,
      requestId: stream.requestId,
      journal: stream.journal,
    };
  }

  /** previous_hosts: the next choice knows this host was tried. */
  rememberHost(request: UpstreamRequest, host: UpstreamHost): void {
    const context = request.context as {
      hostsTried: readonly UpstreamHost[];
      overrideHost: HostOverride | undefined;
    };
    const { hostsTried } = context;
    // A session names the host of the first try only.
    context.overrideHost = undefined;
    context.hostsTried = hostsTried.length === 0 ? [host] : [...hostsTried, host];
  }
}

/** rejectHost of previous_hosts looks at what the context remembers. */
function limitHosts(request: UpstreamRequest, avoidsPrevious: boolean, attemptsMax: number): void {
  const context = request.context as {
    hostsTried: readonly UpstreamHost[];
    rejectHost: ((host: UpstreamHost) => boolean) | undefined;
    hostSelectionAttemptsMax: number;
  };
  context.hostSelectionAttemptsMax = attemptsMax;
  if (avoidsPrevious) context.rejectHost = (host) => context.hostsTried.includes(host);
}

/** Route and weighted cluster, the latter's keys winning, over the request's dynamic metadata. */
function mergedMetadata(
  stream: HttpStream,
  action: RouteAction,
): Readonly<Record<string, unknown>> | undefined {
  const own = stream.weighted?.metadataMatch;
  const base = own ? { ...action.metadataMatch, ...own } : action.metadataMatch;
  const dynamic = stream.info.dynamicMetadata?.['envoy.lb'];
  return dynamic ? { ...base, ...dynamic } : base;
}

function hashInput(stream: HttpStream) {
  const { info, headers, query } = stream;
  const cookies: string[] = [];
  stream.cookiesToSet = cookies;
  return {
    headers,
    query,
    sourceIp: info.remoteAddress,
    remoteAddress: `${info.downstreamRemote.ip}:${info.downstreamRemote.port}`,
    localAddress: `${info.downstreamLocal.ip}:${info.downstreamLocal.port}`,
    setCookie: (cookie: string) => cookies.push(cookie),
    filterState: (key: string) => info.filterState?.get(key),
  };
}

/** Where a direct response says it is: the request's own URI. */
function ownUri(headers: HeaderMap): string {
  const scheme = headers.get(':scheme') ?? 'http';
  return `${scheme}://${headers.get(':authority') ?? ''}${headers.get(':path') ?? ''}`;
}

export const routerFilter: FilterFactory = {
  types: ['envoy.extensions.filters.http.router.v3.Router'],
  isTerminal: true,
  create: (name, config) => new RouterFilter(name, config),
};
