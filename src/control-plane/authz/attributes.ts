/**
 * Models the attributes that policies ask about, and how Envoy's RBAC is asked the same.
 *
 * Spec: istio pilot/pkg/security/authz/model/generator.go.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { MetadataMatcher, ValueMatcher } from '../../xds/resources/metadata-matcher.ts';
import type { Permission, Principal } from '../../xds/resources/rbac.ts';
import type { StringMatcher } from '../../xds/resources/string-matcher.ts';
import { routingClaim } from '../../istio/routing-claim.ts';
import { cidrRange } from '../listener/chain-options.ts';
import { escapeRegex, policyHeader, policyString, regexMatch } from './string-match.ts';

/** A value that cannot be asked for on this kind of chain; it drops or widens its rule. */
export const NOT_APPLICABLE = Symbol('not applicable');
type Asked<T> = T | typeof NOT_APPLICABLE;

export interface AttributeContext {
  readonly namespace: string;
  /** A chain without HTTP knows no paths, headers or tokens. */
  readonly isTcp: boolean;
}

/** What one value, or all values together, ask of the destination. */
export function permissionsOf(
  key: string,
  values: readonly string[],
  { isTcp }: AttributeContext,
): Asked<Permission>[] | undefined {
  if (key.startsWith('experimental.envoy.filters.')) return [envoyMetadata(key, values)];
  const httpOnly = (make: (value: string) => Permission) =>
    values.map((value) => (isTcp ? NOT_APPLICABLE : make(value)));
  switch (key) {
    case 'destination.ip':
      return values.map((value) => {
        const range = cidrRange(value);
        return range ? { destination_ip: range } : NOT_APPLICABLE;
      });
    case 'destination.port':
      return values.map((value) => ({ destination_port: Number(value) }));
    case 'connection.sni':
      return values.map((value) => ({ requested_server_name: policyString(value) }));
    case 'host':
      return httpOnly((value) => ({ header: policyHeader(':authority', value, true) }));
    case 'method':
      return httpOnly((value) => ({ header: policyHeader(':method', value) }));
    case 'path':
      return httpOnly(pathPermission);
    default:
      return undefined;
  }
}

function pathPermission(value: string): Permission {
  if (!value.includes('{*}') && !value.includes('{**}'))
    return { url_path: { path: policyString(value) } };
  const template = value.replaceAll('{**}', '**').replaceAll('{*}', '*');
  return {
    uri_template: {
      name: 'uri-template',
      typed_config: packAny('envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig', {
        path_template: template,
      }),
    },
  };
}

/** "experimental.envoy.filters.network.mysql_proxy[db.table]" looks into that filter's metadata. */
function envoyMetadata(key: string, values: readonly string[]): Asked<Permission> {
  const match = /^experimental\.([^[]*)\[(.*)\]$/.exec(key);
  if (!match) return NOT_APPLICABLE;
  const [, filter = '', path = ''] = match;
  const matchers = values.map((value): ValueMatcher => {
    const isList = value.startsWith('[') && value.endsWith(']');
    const string_match = policyString(isList ? value.slice(1, -1) : value);
    return isList ? { list_match: { one_of: { string_match } } } : { string_match };
  });
  return { metadata: { filter, path: [{ key: path }], value: anyOf(matchers) } };
}

/** What each value (or, for claims, all together) asks of the source. */
export function principalsOf(
  key: string,
  values: readonly string[],
  context: AttributeContext,
): Asked<Principal>[] {
  if (key.startsWith('request.')) return requestPrincipals(key, values, context);
  return values.map((value): Asked<Principal> => {
    const range = cidrRange(value);
    switch (key) {
      case 'source.ip':
        return range ? { direct_remote_ip: range } : NOT_APPLICABLE;
      case 'remote.ip':
        return range ? { remote_ip: range } : NOT_APPLICABLE;
      case 'source.namespace':
        return authenticated(
          regexMatch(`.*/ns/${value.split('*').map(escapeRegex).join('.*')}/.*`),
        );
      case 'source.serviceAccount':
        return authenticated(regexMatch(serviceAccountRegex(value, context.namespace)));
      case 'source.trustDomain':
        return authenticated(trustDomainMatch(value));
      case 'source.principal':
        return authenticated(policyString(value, 'spiffe://'));
      default:
        return NOT_APPLICABLE;
    }
  });
}

function requestPrincipals(
  key: string,
  values: readonly string[],
  { isTcp }: AttributeContext,
): Asked<Principal>[] {
  const header = /^request\.headers\[(.*)\]$/.exec(key)?.[1];
  if (header !== undefined)
    return values.map((value) =>
      isTcp ? NOT_APPLICABLE : { header: policyHeader(header, value) },
    );
  if (isTcp) return [NOT_APPLICABLE];
  if (key === 'request.auth.principal') return [oneOf(values.map(requestPrincipal))];
  const claims =
    key === 'request.auth.audiences'
      ? ['aud']
      : key === 'request.auth.presenter'
        ? ['azp']
        : routingClaim(`@${key}`);
  if (!claims) return [NOT_APPLICABLE];
  const wanted = anyOf(values.map((value) => ({ string_match: policyString(value) })));
  return [{ metadata: claimMetadata(claims, wanted) }];
}

function oneOf(ids: Principal[]): Principal {
  return ids.length === 1 ? ids[0]! : { or_ids: { ids } };
}

function anyOf(matchers: ValueMatcher[]): ValueMatcher {
  return matchers.length === 1 ? matchers[0]! : { or_match: { value_matchers: matchers } };
}

/** "issuer/subject" with a star at one end. */
function requestPrincipal(value: string): Principal {
  const slash = value.lastIndexOf('/');
  const issuer = slash < 0 ? value : value.slice(0, slash);
  const subject = slash < 0 ? '' : value.slice(slash + 1);
  const ANY = regexMatch('.+');
  let iss: StringMatcher = { exact: issuer };
  let sub: StringMatcher = { exact: subject };
  if (value === '*') iss = sub = ANY;
  else if (value.startsWith('*')) {
    iss = slash < 0 || issuer === '*' ? ANY : { suffix: issuer.slice(1) };
    if (slash < 0) sub = { suffix: value.slice(1) };
  } else if (value.endsWith('*')) {
    if (slash < 0) iss = { prefix: value.slice(0, -1) };
    sub = slash < 0 || subject === '*' ? ANY : { prefix: subject.slice(0, -1) };
  }
  return {
    and_ids: { ids: [{ metadata: claim('iss', iss) }, { metadata: claim('sub', sub) }] },
  };
}

function claim(name: string, string_match: StringMatcher): MetadataMatcher {
  return {
    filter: 'envoy.filters.http.jwt_authn',
    path: [{ key: 'payload' }, { key: name }],
    value: { string_match },
  };
}

function claimMetadata(claims: readonly string[], value: ValueMatcher): MetadataMatcher {
  return {
    filter: 'envoy.filters.http.jwt_authn',
    path: ['payload', ...claims].map((key) => ({ key })),
    value: { or_match: { value_matchers: [{ list_match: { one_of: value } }, value] } },
  };
}

function authenticated(principal_name: StringMatcher): Principal {
  return { authenticated: { principal_name } };
}

/** "account" of the policy's own namespace, or "namespace/account". */
function serviceAccountRegex(value: string, ownNamespace: string): string {
  const [first = '', second] = value.split('/');
  const [namespace, account] = second === undefined ? [ownNamespace, first] : [first, second];
  return `spiffe://.+/ns/${escapeRegex(namespace)}/(.+/|)sa/${escapeRegex(account)}(/.+)?`;
}

function trustDomainMatch(value: string): StringMatcher {
  if (value === '*') return { prefix: 'spiffe://' };
  const star = value.indexOf('*');
  if (star < 0) return { prefix: `spiffe://${value}/` };
  const [before, after] = [value.slice(0, star), value.slice(star + 1)];
  return regexMatch(`spiffe://${escapeRegex(before)}[^/]*${escapeRegex(after)}/.*`);
}
