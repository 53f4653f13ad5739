/**
 * Models a match on a claim of a verified token, as the JWT filter leaves it in metadata.
 *
 * Spec: istio pilot/pkg/security/authz/matcher/metadata.go, MetadataMatcherForJWTClaims.
 */
import type { StringMatch } from '../../istio/kinds/string-match.ts';
import type { MetadataMatcher } from '../../xds/resources/metadata-matcher.ts';
import type { StringMatcher } from '../../xds/resources/string-matcher.ts';
import { stringMatcher } from '../route/string-match.ts';

export function claimMatcher(claims: readonly string[], wanted: StringMatch): MetadataMatcher {
  const matcher = stringMatcher(wanted);
  return claimListMatcher(claims, matcher ?? {});
}

/** Claims are lists of strings, or plain strings: either may hold the wanted value. */
export function claimListMatcher(
  claims: readonly string[],
  matcher: StringMatcher,
): MetadataMatcher {
  return {
    filter: 'envoy.filters.http.jwt_authn',
    path: ['payload', ...claims].map((key) => ({ key })),
    value: {
      or_match: {
        value_matchers: [
          { list_match: { one_of: { string_match: matcher } } },
          { string_match: matcher },
        ],
      },
    },
  };
}
