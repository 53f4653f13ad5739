/**
 * Models the rules of an HTTPRoute or a GRPCRoute as routes of a VirtualService, one match each.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/conversion.go, convertHTTPRoute and convertGRPCRoute.
 * Simplified: no CORS filter.
 */
import type { HttpMatch, HttpRetry, HttpRoute } from '../../istio/kinds/http-route.ts';
import { destinationOf, routeDestinations, type Backends } from './backend.ts';
import { headerChanges, redirectOf, rewriteOf } from './filters.ts';
import { grpcMatch, httpMatch } from './matches.ts';
import type {
  GrpcRouteObject,
  HttpRouteMatch,
  RouteFilter,
  RouteObject,
  RouteRule,
} from './objects.ts';

const KNOWN_FILTERS = new Set([
  ...['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror'],
  ...['RequestRedirect', 'URLRewrite'],
]);
/** What the API server fills in where an HTTPRoute's rule says nothing. */
const EVERY_PATH: readonly HttpRouteMatch[] = [{}];

/** Empty where one rule is invalid: it takes the whole route with it. */
export function routesOf(route: RouteObject, backends: Backends): HttpRoute[] {
  const made: HttpRoute[] = [];
  const { name, namespace = '' } = route.metadata;
  for (const [index, { rule, matches }] of matchedRules(route).entries()) {
    const action = actionOf(rule, backends);
    if (!action) return [];
    const base = { name: rule.name ?? `${namespace}.${name}.${index}`, ...action };
    if (matches.length === 0) made.push(base);
    for (const match of matches) made.push({ ...base, match: [match] });
  }
  return made;
}

interface MatchedRule {
  readonly rule: RouteRule<unknown>;
  readonly matches: readonly HttpMatch[];
}

function matchedRules(route: RouteObject): MatchedRule[] {
  if (isGrpc(route))
    return (route.spec?.rules ?? []).map((rule) => ({
      rule,
      matches: (rule.matches ?? []).map(grpcMatch),
    }));
  return (route.spec?.rules ?? []).map((rule) => ({
    rule,
    matches: (rule.matches ?? EVERY_PATH).map(httpMatch),
  }));
}

function isGrpc(route: RouteObject): route is GrpcRouteObject {
  return route.kind === 'GRPCRoute';
}

function actionOf(rule: RouteRule<unknown>, backends: Backends): HttpRoute | undefined {
  const { filters = [], backendRefs = [] } = rule;
  if (filters.some(({ type }) => !KNOWN_FILTERS.has(type))) return undefined;
  const filtered = filterFields(filters, backends);
  const fields = { ...filtered, ...retryAndTimeout(rule) };
  const isServed = backendRefs.some(({ weight = 1 }) => weight > 0);
  if (!isServed && !filtered.redirect) return { ...fields, directResponse: { status: 500 } };
  const route = routeDestinations(backendRefs, backends);
  return route && { ...fields, ...(route.length > 0 && { route }) };
}

function filterFields(filters: readonly RouteFilter[], backends: Backends): HttpRoute {
  const headers = headerChanges(filters);
  const redirect = filters.find((it) => it.type === 'RequestRedirect')?.requestRedirect;
  const urlRewrite = filters.find((it) => it.type === 'URLRewrite')?.urlRewrite;
  const rewrite = urlRewrite && rewriteOf(urlRewrite);
  const mirrors = filters.flatMap(({ requestMirror }) => {
    if (!requestMirror) return [];
    const destination = destinationOf(requestMirror.backendRef, backends);
    if (!destination?.host) return [];
    const { fraction, percent } = requestMirror;
    const value = fraction ? (100 * fraction.numerator) / (fraction.denominator ?? 100) : percent;
    return [{ destination, ...(value !== undefined && { percentage: { value } }) }];
  });
  return {
    ...(headers && { headers }),
    ...(redirect && { redirect: redirectOf(redirect) }),
    ...(rewrite && { rewrite }),
    ...(mirrors.length > 0 && { mirrors }),
  };
}

/** A backend's timeout is that of a try where tries are asked for, else of the request. */
function retryAndTimeout({ retry, timeouts }: RouteRule<unknown>): HttpRoute {
  const request = nonZero(timeouts?.request);
  const backendRequest = nonZero(timeouts?.backendRequest);
  const timeout = retry ? request : (backendRequest ?? request);
  if (!retry) return timeout ? { timeout } : {};
  const { attempts = 2, codes = [], backoff } = retry;
  const retryOn = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes];
  const retries: HttpRetry = {
    attempts,
    ...(attempts > 0 && { retryOn: retryOn.join(',') }),
    ...(backoff && { backoff }),
    ...(backendRequest && { perTryTimeout: backendRequest }),
  };
  return { retries, ...(timeout && { timeout }) };
}

/** A timeout of zero is none. */
function nonZero(duration: string | undefined): string | undefined {
  return duration && /[1-9]/.test(duration) ? duration : undefined;
}
