/**
 * Models the filters of a route's rule as fields of a VirtualService's route.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/conversion.go, create*Filter.
 */
import type {
  HeaderChanges,
  HeaderOperations,
  HttpRedirect,
  HttpRewrite,
} from '../../istio/kinds/http-route.ts';
import type { HeaderFilter, NameAndValue, RouteFilter } from './objects.ts';

export function headerChanges(filters: readonly RouteFilter[]): HeaderChanges | undefined {
  let changes: HeaderChanges | undefined;
  for (const { type, requestHeaderModifier, responseHeaderModifier } of filters) {
    if (type === 'RequestHeaderModifier' && requestHeaderModifier)
      changes = { ...changes, request: operations(requestHeaderModifier) };
    if (type === 'ResponseHeaderModifier' && responseHeaderModifier)
      changes = { ...changes, response: operations(responseHeaderModifier) };
  }
  return changes;
}

function operations({ set, add, remove }: HeaderFilter): HeaderOperations {
  return {
    ...(set && { set: headerMap(set) }),
    ...(add && { add: headerMap(add) }),
    ...(remove && { remove }),
  };
}

/** Of headers that differ in case only, the first counts. */
function headerMap(list: readonly NameAndValue[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of list) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, value);
  }
  return Object.fromEntries(found);
}

export function redirectOf(filter: NonNullable<RouteFilter['requestRedirect']>): HttpRedirect {
  const { scheme, hostname, port, statusCode, path } = filter;
  return {
    ...(statusCode && { redirectCode: statusCode }),
    ...(hostname && { authority: hostname }),
    ...(scheme && { scheme }),
    ...(port ? { port } : { derivePort: scheme ? 'FROM_PROTOCOL_DEFAULT' : 'FROM_REQUEST_PORT' }),
    ...(path?.type === 'ReplaceFullPath' && { uri: path.replaceFullPath ?? '' }),
    ...(path?.type === 'ReplacePrefixMatch' && {
      uri: `%PREFIX()%${path.replacePrefixMatch ?? ''}`,
    }),
  };
}

export function rewriteOf(filter: NonNullable<RouteFilter['urlRewrite']>): HttpRewrite | undefined {
  const { hostname, path } = filter;
  const rewrite: HttpRewrite = {
    ...(path?.type === 'ReplacePrefixMatch' && {
      uri: (path.replacePrefixMatch ?? '').replace(/\/$/, '') || '/',
    }),
    ...(path?.type === 'ReplaceFullPath' && {
      uriRegexRewrite: { match: '/.*', rewrite: path.replaceFullPath ?? '' },
    }),
    ...(hostname && { authority: hostname }),
  };
  return Object.keys(rewrite).length > 0 ? rewrite : undefined;
}
