/**
 * Models forwarding: where a request goes, by what weights, how changed, how often retried.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, applyHTTPRouteDestination.
 */
import { durationUs } from '../../istio/kinds/duration.ts';
import type { HttpRoute, HttpRouteDestination } from '../../istio/kinds/http-route.ts';
import type { Destination, Percent } from '../../istio/kinds/destination.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import type {
  ClusterWeight,
  HashPolicy,
  RequestMirrorPolicy,
  RouteAction,
} from '../../xds/resources/route-action.ts';
import type { FractionalPercent } from '../../xds/resources/percent.ts';
import type { Route } from '../../xds/resources/route.ts';
import { xdsDuration } from '../duration.ts';
import { usesGatewaySemantics } from '../push/virtual-services.ts';
import { destinationCluster } from './destination.ts';
import { perMillion } from './fault.ts';
import { hashOfDestination, hashPolicy } from './hash-policy.ts';
import { headerOperations, joinedMutations } from './headers.ts';
import { retryPolicy } from './retry.ts';
import type { RouteContext } from './virtual-service.ts';

export function forwardingRoute(
  base: Route,
  config: VirtualService,
  http: HttpRoute,
  headerAuthority: string,
  context: RouteContext,
): Route {
  const timeout = http.timeout === undefined ? '0s' : xdsDuration(http.timeout);
  const mirrors = mirrorPolicies(http, context);
  const destinations = http.route ?? [];
  const single = destinations.length === 1 ? destinations[0] : undefined;
  const operations = headerOperations(single?.headers);
  const authority = http.rewrite?.authority || headerAuthority || operations.authority;
  const hashes = (single ? destinations : destinations.filter(({ weight }) => weight))
    .map(({ destination }) => hashPolicy(hashOfDestination(context.proxy, destination)))
    .filter((it): it is HashPolicy => it !== undefined);
  const isHashed = !!single && hashOfDestination(context.proxy, single.destination) !== undefined;
  const retry = retryPolicy(
    http.retries ?? context.proxy.push.mesh.defaultHttpRetryPolicy,
    isHashed,
  );
  const action: RouteAction = {
    ...(single
      ? { cluster: clusterOf(single.destination, context) }
      : { weighted_clusters: { clusters: weights(destinations, context) } }),
    ...(usesGatewaySemantics(config) && {
      cluster_not_found_response_code: 'INTERNAL_SERVER_ERROR' as const,
    }),
    ...rewrite(http, base, usesGatewaySemantics(config)),
    ...(authority && { host_rewrite_literal: authority }),
    timeout,
    max_grpc_timeout: durationUs(http.timeout) ? timeout : '0s',
    ...(retry && { retry_policy: retry }),
    ...(mirrors.length > 0 && { request_mirror_policies: mirrors }),
    ...(hashes.length > 0 && { hash_policy: hashes }),
  };
  return { ...base, ...joinedMutations(pickMutations(base), operations.mutations), route: action };
}

function pickMutations(route: Route): Parameters<typeof joinedMutations>[0] {
  const { request_headers_to_add: a, request_headers_to_remove: b } = route;
  const { response_headers_to_add: c, response_headers_to_remove: d } = route;
  return {
    ...(a && { request_headers_to_add: a }),
    ...(b && { request_headers_to_remove: b }),
    ...(c && { response_headers_to_add: c }),
    ...(d && { response_headers_to_remove: d }),
  };
}

function clusterOf(destination: Destination, { lookupService, listenPort }: RouteContext): string {
  return destinationCluster(destination, lookupService(destination.host), listenPort);
}

/** Destinations of weight 0 get nothing and are left out. */
function weights(
  destinations: readonly HttpRouteDestination[],
  context: RouteContext,
): ClusterWeight[] {
  return destinations
    .filter(({ weight }) => weight)
    .map(({ destination, weight, headers }) => {
      const { mutations, authority } = headerOperations(headers);
      return {
        name: clusterOf(destination, context),
        weight: weight!,
        ...mutations,
        ...(authority && { host_rewrite_literal: authority }),
      };
    });
}

function rewrite({ rewrite: given }: HttpRoute, { match }: Route, isGatewayApi: boolean) {
  const regex = given?.uriRegexRewrite;
  if (regex)
    return {
      regex_rewrite: {
        pattern: { regex: regex.match ?? '' },
        ...(regex.rewrite && { substitution: regex.rewrite }),
      },
    };
  if (!given?.uri) return {};
  if (!isGatewayApi || given.uri !== '/') return { prefix_rewrite: given.uri };
  const prefix = (match.path_separated_prefix ?? '').replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
  return { regex_rewrite: { pattern: { regex: `^${prefix}(/?)(.*)` }, substitution: '/\\2' } };
}

function mirrorPolicies(http: HttpRoute, context: RouteContext): RequestMirrorPolicy[] {
  const policies: RequestMirrorPolicy[] = [];
  const add = (destination: Destination, share: FractionalPercent | undefined) => {
    if (!share) return;
    policies.push({
      cluster: clusterOf(destination, context),
      runtime_fraction: { default_value: share },
      trace_sampled: false,
      disable_shadow_host_suffix_append: true,
    });
  };
  if (http.mirror) {
    const percent = http.mirrorPercent ?? http.mirror_percent;
    add(
      http.mirror,
      http.mirrorPercentage || percent === undefined
        ? mirrorShare(http.mirrorPercentage)
        : percent > 0
          ? { numerator: percent }
          : undefined,
    );
  }
  for (const { destination, percentage } of http.mirrors ?? [])
    add(destination, mirrorShare(percentage));
  return policies;
}

function mirrorShare(given: Percent | undefined): FractionalPercent | undefined {
  if (!given) return { numerator: 100 };
  return (given.value ?? 0) > 0 ? perMillion(given) : undefined;
}
