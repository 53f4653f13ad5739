/**
 * Models what a rule of an HTTPRoute or a GRPCRoute matches, and which of two rules comes first.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/conversion.go, create*Match and sortHTTPRoutes.
 */
import type { HttpMatch, HttpRoute } from '../../istio/kinds/http-route.ts';
import type { StringMatch } from '../../istio/kinds/string-match.ts';
import type { GrpcRouteMatch, HttpRouteMatch, NameAndValue } from './objects.ts';

export function httpMatch({ path, headers, queryParams, method }: HttpRouteMatch): HttpMatch {
  return {
    uri: uriMatch(path),
    ...(headers?.length && { headers: named(headers) }),
    ...(queryParams?.length && { queryParams: named(queryParams) }),
    ...(method && { method: { exact: method } }),
  };
}

function uriMatch({ type = 'PathPrefix', value = '/' }: HttpRouteMatch['path'] = {}): StringMatch {
  if (type === 'Exact') return { exact: value };
  if (type === 'RegularExpression') return { regex: value };
  return { prefix: value === '/' ? value : value.replace(/\/$/, '') };
}

export function grpcMatch({ method, headers }: GrpcRouteMatch): HttpMatch {
  return {
    ...(method && { uri: callMatch(method) }),
    ...(headers?.length && { headers: named(headers) }),
  };
}

/** The path of a call is "/Service/Method". */
function callMatch({
  type = 'Exact',
  service,
  method,
}: NonNullable<GrpcRouteMatch['method']>): StringMatch {
  if (type === 'RegularExpression') return { regex: `/${service ?? '[^/]+'}/${method ?? '.+'}` };
  if (method === undefined) return { prefix: `/${service ?? ''}/` };
  if (service === undefined) return { regex: `/[^/]+/${method}` };
  return { exact: `/${service}/${method}` };
}

function named(list: readonly NameAndValue[]): Record<string, StringMatch> {
  return Object.fromEntries(
    list.map(({ type = 'Exact', name, value }) => [
      name,
      type === 'Exact' ? { exact: value } : { regex: value },
    ]),
  );
}

/** The more specific rule first; of equals the older, then the one written first. */
export function bySpecificity(a: HttpRoute, b: HttpRoute): number {
  const [first] = a.match ?? [];
  const [second] = b.match ?? [];
  if (!first || !second) return Number(!first) - Number(!second);
  return (
    uriRank(second) - uriRank(first) ||
    uriLength(second) - uriLength(first) ||
    Number(!!second.method) - Number(!!first.method) ||
    countOf(second.headers) - countOf(first.headers) ||
    countOf(second.queryParams) - countOf(first.queryParams)
  );
}

function uriRank({ uri }: HttpMatch): number {
  if (uri?.exact !== undefined) return 3;
  if (uri?.prefix !== undefined) return 2;
  return uri?.regex !== undefined ? 1 : -1;
}

function uriLength({ uri }: HttpMatch): number {
  return (uri?.exact ?? uri?.prefix ?? uri?.regex ?? '').length;
}

function countOf(map: object | undefined): number {
  return map ? Object.keys(map).length : 0;
}
