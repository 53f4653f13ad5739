/**
 * Models the match of a route.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, TranslateRouteMatch.
 */
import type { HttpMatch } from '../../istio/kinds/http-route.ts';
import type { StringMatch } from '../../istio/kinds/string-match.ts';
import type { HeaderMatcher, QueryParameterMatcher } from '../../xds/resources/header-matcher.ts';
import type { MetadataMatcher } from '../../xds/resources/metadata-matcher.ts';
import type { Route, RouteMatch } from '../../xds/resources/route.ts';
import { routingClaim } from '../../istio/routing-claim.ts';
import { claimMatcher } from '../authn/claim-matcher.ts';
import { compare } from '../config.ts';
import { asksPresence, stringMatcher } from './string-match.ts';

/** `pathSeparated`: prefixes end at a "/" as the Gateway API wants it. */
export function routeMatch(match: HttpMatch | undefined, pathSeparated: boolean): RouteMatch {
  if (!match) return { prefix: '/' };
  const metadata: MetadataMatcher[] = [];
  const headers: HeaderMatcher[] = [];
  for (const [name, wanted] of Object.entries(match.headers ?? {})) {
    const claims = routingClaim(name);
    if (claims) metadata.push(claimMatcher(claims, wanted));
    else headers.push(headerMatcher(name, wanted));
  }
  for (const [name, unwanted] of Object.entries(match.withoutHeaders ?? {})) {
    const claims = routingClaim(name);
    if (claims) metadata.push({ ...claimMatcher(claims, unwanted), invert: true });
    else
      headers.push({
        ...headerMatcher(name, unwanted),
        invert_match: true,
        ...(!asksPresence(unwanted) && { treat_missing_header_as_empty: true }),
      });
  }
  headers.sort((a, b) => compare(a.name, b.name));
  if (match.method) headers.push(headerMatcher(':method', match.method));
  if (match.authority) headers.push(headerMatcher(':authority', match.authority));
  if (match.scheme) headers.push(headerMatcher(':scheme', match.scheme));
  const query = Object.entries(match.queryParams ?? {})
    .map(([name, wanted]) => queryMatcher(name, wanted))
    .sort((a, b) => compare(a.name, b.name));
  return {
    ...pathSpecifier(match.uri, pathSeparated),
    case_sensitive: !match.ignoreUriCase,
    ...(headers.length > 0 && { headers }),
    ...(query.length > 0 && { query_parameters: query }),
    ...(metadata.length > 0 && { dynamic_metadata: metadata }),
  };
}

function pathSpecifier(uri: StringMatch | undefined, pathSeparated: boolean): RouteMatch {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  const prefix = uri?.prefix ?? '/';
  if (pathSeparated && prefix !== '/') return { path_separated_prefix: prefix.replace(/\/$/, '') };
  return { prefix };
}

function headerMatcher(name: string, wanted: StringMatch): HeaderMatcher {
  if (asksPresence(wanted)) return { name, present_match: true };
  const matcher = stringMatcher(wanted);
  return { name, ...(matcher && { string_match: matcher }) };
}

function queryMatcher(name: string, wanted: StringMatch): QueryParameterMatcher {
  if (asksPresence(wanted)) return { name, present_match: true };
  const matcher = stringMatcher(wanted);
  return { name, ...(matcher && { string_match: matcher }) };
}

/** Takes every request: what follows it can never be reached. */
export function isCatchAll({ match }: Route): boolean {
  return (
    (match.prefix === '/' ||
      match.path_separated_prefix === '/' ||
      match.safe_regex?.regex === '.*') &&
    !match.headers?.length &&
    !match.query_parameters?.length &&
    !match.dynamic_metadata?.length
  );
}
