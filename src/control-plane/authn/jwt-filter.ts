/**
 * Models the JWT filter that RequestAuthentication asks for: a bad token is refused, none is not.
 *
 * Spec: istio pilot/pkg/security/authn/policy_applier.go, convertToEnvoyJwtConfig.
 */
import type { JwtRule } from '../../istio/kinds/request-authentication.ts';
import { packAny } from '../../xds/resources/any.ts';
import type {
  JwtAuthentication,
  JwtProvider,
  JwtRequirement,
} from '../../xds/resources/filters/jwt-authn.ts';
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import { compare } from '../config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { policiesFor } from '../push/policy-attachment.ts';

const DEFAULT_SPACE_DELIMITED = ['permission', 'scope'];

export function jwtFilters(proxy: Proxy, listenerClass: ListenerClass): HttpFilter[] {
  if (listenerClass === 'outbound') return [];
  const rules = policiesFor(proxy, proxy.push.configs('RequestAuthentication'))
    .flatMap(({ spec }) => spec.jwtRules ?? [])
    .sort((a, b) => compare(a.issuer ?? '', b.issuer ?? ''));
  if (rules.length === 0) return [];
  return [
    {
      name: 'envoy.filters.http.jwt_authn',
      typed_config: packAny(
        'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
        jwtConfig(rules, listenerClass === 'gateway'),
      ),
    },
  ];
}

/** `clearRouteCache`: on a gateway routes may look at claims, which the token just told. */
function jwtConfig(rules: readonly JwtRule[], clearRouteCache: boolean): JwtAuthentication {
  const names = rules.map((_, index) => `origins-${index}`);
  const validOrMissing = names.map((provider_name): JwtRequirement => ({
    requires_any: { requirements: [{ provider_name }, { allow_missing: {} }] },
  }));
  const requires: JwtRequirement =
    validOrMissing.length === 1
      ? validOrMissing[0]!
      : {
          requires_any: {
            requirements: [
              ...names.map((provider_name) => ({ provider_name })),
              { requires_all: { requirements: validOrMissing } },
            ],
          },
        };
  return {
    providers: Object.fromEntries(
      rules.map((rule, index) => [names[index]!, jwtProvider(rule, clearRouteCache)]),
    ),
    rules: [{ match: { prefix: '/' }, requires }],
    bypass_cors_preflight: true,
  };
}

function jwtProvider(rule: JwtRule, clearRouteCache: boolean): JwtProvider {
  const claims = [...new Set([...DEFAULT_SPACE_DELIMITED, ...(rule.spaceDelimitedClaims ?? [])])];
  return {
    ...(rule.issuer && { issuer: rule.issuer }),
    ...(rule.audiences?.length && { audiences: [...rule.audiences] }),
    ...(rule.forwardOriginalToken && { forward: true }),
    ...(rule.outputPayloadToHeader && { forward_payload_header: rule.outputPayloadToHeader }),
    payload_in_metadata: 'payload',
    normalize_payload_in_metadata: { space_delimited_claims: claims.sort() },
    ...(clearRouteCache && { clear_route_cache: true }),
    ...(rule.outputClaimToHeaders?.length && {
      claim_to_headers: rule.outputClaimToHeaders.map((it) => ({
        header_name: it.header ?? '',
        claim_name: it.claim ?? '',
      })),
    }),
    ...(rule.fromHeaders?.length && {
      from_headers: rule.fromHeaders.map(({ name, prefix }) => ({
        name,
        ...(prefix && { value_prefix: prefix }),
      })),
    }),
    ...(rule.fromParams?.length && { from_params: [...rule.fromParams] }),
    ...(rule.fromCookies?.length && { from_cookies: [...rule.fromCookies] }),
    local_jwks: { inline_string: rule.jwks ?? UNREACHABLE_JWKS },
  };
}

/** istiod fetches keys itself; without a network it hands out a key that nobody has signed with. */
const UNREACHABLE_JWKS = '';
