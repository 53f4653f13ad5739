/**
 * Models RouteConfiguration, compiled: virtual hosts by domain, then routes in order.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/route_matching
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import { compileHeaderMatcher, type HeaderMatcher } from '../matching/header-matcher.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { DomainIndex } from './domain-index.ts';
import { compileMutations, type HeaderMutations } from './header-mutation.ts';
import { compilePerFilter, type PerFilterConfig } from './per-filter.ts';
import { compileRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { compileMirrors, type MirrorPolicy, type RouteContext } from './route-action.ts';
import { compileRoute, type Route } from './route.ts';
import { compileRouteTree, type RouteTree } from './route-tree.ts';
import type { FractionTest, Mismatch, RouteInput } from './route-matcher.ts';

export interface VirtualHost {
  readonly resource: object;
  readonly name: string;
  readonly routes: readonly Route[];
  /** In place of `routes`: finds those to try. */
  readonly routeTree: RouteTree | undefined;
  readonly requireTls: 'none' | 'external' | 'all';
  readonly requestMutations: HeaderMutations | undefined;
  readonly responseMutations: HeaderMutations | undefined;
  readonly perFilter: PerFilterConfig | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly mirrors: readonly MirrorPolicy[];
  readonly includeAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetry: boolean;
  readonly virtualClusters: readonly VirtualCluster[];
  /** How many bytes of a request are kept for retries; undefined: the listener's limit. */
  readonly bufferBytesMax: number | undefined;
}

export interface VirtualCluster {
  readonly name: string;
  readonly headers: readonly HeaderMatcher[];
}

export interface RouteTable {
  readonly resource: object;
  readonly name: string;
  readonly requestMutations: HeaderMutations | undefined;
  readonly responseMutations: HeaderMutations | undefined;
  readonly perFilter: PerFilterConfig | undefined;
  readonly mirrors: readonly MirrorPolicy[];
  readonly mostSpecificWins: boolean;
  readonly virtualHosts: readonly VirtualHost[];
  readonly maxDirectResponseBytes: number;
  /** Header names that count as internal: not passed on from outside. */
  readonly internalOnlyHeaders: readonly string[];
  findVirtualHost(authority: string): VirtualHost | undefined;
}

const DIRECT_RESPONSE_BYTES_MAX = 4096;

/** Compiles a RouteConfiguration; throws ConfigError. */
export function compileRouteTable(
  configuration: Message,
  context: RouteContext,
  isFractionOn: FractionTest,
): RouteTable {
  const maxDirectResponseBytes =
    configuration.number('max_direct_response_body_size_bytes') ?? DIRECT_RESPONSE_BYTES_MAX;
  const index = new DomainIndex<VirtualHost>(configuration.flag('ignore_port_in_host_matching'));
  const name = configuration.text('name');
  const virtualHosts = configuration.messages('virtual_hosts').map((message) => {
    const host = compileVirtualHost(message, context, isFractionOn, maxDirectResponseBytes);
    for (const domain of message.texts('domains'))
      if (!index.add(domain, host))
        throw new ConfigError(
          domain === '*'
            ? `Only a single wildcard domain is permitted in route ${name}`
            : `Only unique values for domains are permitted. Duplicate entry of domain ${domain} in route ${name}`,
        );
    return host;
  });
  return {
    resource: configuration.json,
    name,
    requestMutations: compileMutations(configuration, 'request'),
    responseMutations: compileMutations(configuration, 'response'),
    perFilter: compilePerFilter(configuration, context.perFilter),
    mirrors: compileMirrors(configuration),
    mostSpecificWins: configuration.flag('most_specific_header_mutations_wins'),
    virtualHosts,
    maxDirectResponseBytes,
    internalOnlyHeaders: configuration
      .texts('internal_only_headers')
      .map((one) => one.toLowerCase()),
    findVirtualHost: (authority) => index.find(authority),
  };
}

function compileVirtualHost(
  host: Message,
  context: RouteContext,
  isFractionOn: FractionTest,
  maxDirectResponseBytes: number,
): VirtualHost {
  const retry = host.message('retry_policy');
  const requireTls = host.text('require_tls').toUpperCase();
  const compile = (route: Message): Route =>
    compileRoute(route, context, isFractionOn, maxDirectResponseBytes);
  const matcher = host.message('matcher');
  const routes = host.messages('routes');
  if (matcher && routes.length > 0)
    throw new ConfigError('cannot set both matcher and routes on virtual host');
  return {
    resource: host.json,
    name: host.text('name'),
    routes: routes.map(compile),
    routeTree: matcher && compileRouteTree(matcher, compile),
    requireTls: requireTls === 'ALL' ? 'all' : requireTls === 'EXTERNAL_ONLY' ? 'external' : 'none',
    requestMutations: compileMutations(host, 'request'),
    responseMutations: compileMutations(host, 'response'),
    perFilter: compilePerFilter(host, context.perFilter),
    retryPolicy: retry && compileRetryPolicy(retry),
    mirrors: compileMirrors(host),
    includeAttemptCount: host.flag('include_request_attempt_count'),
    includeAttemptCountInResponse: host.flag('include_attempt_count_in_response'),
    includeIsTimeoutRetry: host.flag('include_is_timeout_retry_header'),
    virtualClusters: host.messages('virtual_clusters').map((cluster) => ({
      name: cluster.text('name'),
      headers: cluster.messages('headers').map(compileHeaderMatcher),
    })),
    bufferBytesMax:
      host.number('request_body_buffer_limit') ?? host.number('per_request_buffer_limit_bytes'),
  };
}

/** The first route all of whose conditions hold. `passedOver` hears of the others before it. */
export function matchRoute(
  host: VirtualHost,
  input: RouteInput,
  passedOver?: (route: Route, why: Mismatch) => void,
): Route | undefined {
  const routes = host.routeTree === undefined ? host.routes : (host.routeTree(input) ?? []);
  for (const route of routes) {
    const why = route.matcher.mismatch(input);
    if (why === undefined) return route;
    passedOver?.(route, why);
  }
  return undefined;
}

/** The name of the first virtual cluster that matches; "other" or, without any declared, "". */
export function virtualClusterOf(host: VirtualHost, headers: HeaderMap): string {
  if (host.virtualClusters.length === 0) return '';
  const found = host.virtualClusters.find((cluster) =>
    cluster.headers.every((matcher) => matcher.matches(headers)),
  );
  return found?.name ?? 'other';
}
