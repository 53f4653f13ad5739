/**
 * Models RBAC rules: policies in the order of their names, each an OR of permissions AND an OR of
 * principals. HTTP and TCP filters share them.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto.
 * Simplified: CEL conditions and matcher trees are refused.
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { withoutQueryAndFragment } from '../http/path-normalization.ts';
import { compileHeaderMatcher } from '../matching/header-matcher.ts';
import { compileIpRange, isInRange } from '../matching/ip-range.ts';
import { compileStringMatcher } from '../matching/string-matcher.ts';
import { compileMetadataMatcher, compileValueMatcher } from '../matching/value-matcher.ts';
import type { Metadata } from '../matching/value-matcher.ts';
import type { DownstreamTls } from '../stream-info.ts';
import { compileUriTemplate } from '../router/uri-template.ts';

/** What a rule may look at. */
export interface Subject {
  readonly headers: HeaderMap;
  readonly destination: { readonly ip: string; readonly port: number };
  /** The peer itself, and the client that x-forwarded-for names. */
  readonly directRemoteIp: string;
  readonly remoteIp: string;
  readonly serverName: string;
  readonly tls: DownstreamTls | undefined;
  readonly metadata: Metadata | undefined;
  filterState(key: string): unknown;
}

export type Test = (subject: Subject) => boolean;

export interface RbacPolicy {
  readonly name: string;
  readonly matches: Test;
}

export interface RbacRules {
  readonly action: 'allow' | 'deny' | 'log';
  readonly policies: readonly RbacPolicy[];
}

export interface RbacVerdict {
  readonly allowed: boolean;
  /** The policy that matched; "none". */
  readonly policy: string;
}

export function compileRules(rules: Message): RbacRules {
  const action = rules.text('action');
  const policies = rules.entries('policies').map(([name, policy]) => compilePolicy(name, policy));
  policies.sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    action: action === 'DENY' ? 'deny' : action === 'LOG' ? 'log' : 'allow',
    policies,
  };
}

function compilePolicy(name: string, policy: Message): RbacPolicy {
  for (const field of ['condition', 'checked_condition'] as const)
    if (policy.has(field))
      throw new ConfigError(
        `RBAC policy '${name}': ${field} is a CEL expression, which is not supported`,
      );
  for (const field of ['permissions', 'principals'] as const)
    if (policy.messages(field).length === 0)
      throw new ConfigError(
        `Proto constraint validation failed (RBACValidationError.Rules: embedded message failed validation | caused by RBACValidationError.Policies[${name}]: embedded message failed validation | caused by PolicyValidationError.${field === 'permissions' ? 'Permissions' : 'Principals'}: value must contain at least 1 item(s))`,
      );
  const permission = anyOf(policy.messages('permissions').map(compilePermission));
  const principal = anyOf(policy.messages('principals').map(compilePrincipal));
  return { name, matches: (subject) => permission(subject) && principal(subject) };
}

export function judge(rules: RbacRules, subject: Subject): RbacVerdict {
  const found = firstMatch(rules.policies, subject);
  const allowed = rules.action === 'log' || (found !== undefined) === (rules.action === 'allow');
  return { allowed, policy: found?.name ?? 'none' };
}

function firstMatch(policies: readonly RbacPolicy[], subject: Subject): RbacPolicy | undefined {
  for (const policy of policies) if (policy.matches(subject)) return policy;
  return undefined;
}

function anyOf(tests: readonly Test[]): Test {
  const [only] = tests;
  if (tests.length === 1) return only!;
  return (subject) => tests.some((test) => test(subject));
}

function allOf(tests: readonly Test[]): Test {
  const [only] = tests;
  if (tests.length === 1) return only!;
  return (subject) => tests.every((test) => test(subject));
}

export function compilePermission(permission: Message): Test {
  const kind = permission.oneof(
    'and_rules',
    'or_rules',
    'not_rule',
    'any',
    'header',
    'url_path',
    'destination_ip',
    'destination_port',
    'destination_port_range',
    'metadata',
    'sourced_metadata',
    'requested_server_name',
    'uri_template',
  );
  const inner = (field: string) => permission.messageOrEmpty(field);
  switch (kind) {
    case 'and_rules':
      return allOf(inner(kind).messages('rules').map(compilePermission));
    case 'or_rules':
      return anyOf(inner(kind).messages('rules').map(compilePermission));
    case 'not_rule': {
      const test = compilePermission(inner(kind));
      return (subject) => !test(subject);
    }
    case 'any':
      return () => true;
    case 'destination_ip': {
      const range = compileIpRange(inner(kind));
      return ({ destination }) => isInRange(range, destination.ip);
    }
    case 'destination_port': {
      const port = permission.number(kind);
      return ({ destination }) => destination.port === port;
    }
    case 'destination_port_range': {
      const start = inner(kind).number('start') ?? 0;
      const end = inner(kind).number('end') ?? 0;
      return ({ destination }) => destination.port >= start && destination.port < end;
    }
    case 'requested_server_name': {
      const test = compileStringMatcher(inner(kind));
      return ({ serverName }) => test(serverName);
    }
    case 'uri_template': {
      const typed = permission.message('uri_template')?.any('typed_config');
      const template = compileUriTemplate(typed?.message.text('path_template') ?? '/');
      return ({ headers }) => template.matches(withoutQueryAndFragment(headers.get(':path') ?? ''));
    }
    default:
      return compileShared(permission, kind);
  }
}

export function compilePrincipal(principal: Message): Test {
  const kind = principal.oneof(
    'and_ids',
    'or_ids',
    'not_id',
    'any',
    'authenticated',
    'source_ip',
    'direct_remote_ip',
    'remote_ip',
    'header',
    'url_path',
    'metadata',
    'sourced_metadata',
    'filter_state',
  );
  const inner = (field: string) => principal.messageOrEmpty(field);
  switch (kind) {
    case 'and_ids':
      return allOf(inner(kind).messages('ids').map(compilePrincipal));
    case 'or_ids':
      return anyOf(inner(kind).messages('ids').map(compilePrincipal));
    case 'not_id': {
      const test = compilePrincipal(inner(kind));
      return (subject) => !test(subject);
    }
    case 'any':
      return () => true;
    case 'authenticated':
      return compileAuthenticated(inner(kind));
    case 'source_ip':
    case 'direct_remote_ip': {
      const range = compileIpRange(inner(kind));
      return ({ directRemoteIp }) => isInRange(range, directRemoteIp);
    }
    case 'remote_ip': {
      const range = compileIpRange(inner(kind));
      return ({ remoteIp }) => isInRange(range, remoteIp);
    }
    case 'filter_state':
      return compileFilterState(inner(kind));
    default:
      return compileShared(principal, kind);
  }
}

/** Kinds that permissions and principals have in common. */
function compileShared(message: Message, kind: string | undefined): Test {
  switch (kind) {
    case 'header': {
      const matcher = compileHeaderMatcher(message.messageOrEmpty(kind));
      return ({ headers }) => matcher.matches(headers);
    }
    case 'url_path': {
      const test = compileStringMatcher(message.messageOrEmpty(kind).messageOrEmpty('path'));
      return ({ headers }) => {
        const path = headers.get(':path');
        return path !== undefined && test(withoutQueryAndFragment(path));
      };
    }
    case 'metadata': {
      const test = compileMetadataMatcher(message.messageOrEmpty(kind));
      return ({ metadata }) => test(metadata);
    }
    case 'sourced_metadata': {
      const test = compileMetadataMatcher(
        message.messageOrEmpty(kind).messageOrEmpty('metadata_matcher'),
      );
      return ({ metadata }) => test(metadata);
    }
    default:
      throw new ConfigError(
        Object.keys(message.json).length === 0
          ? 'field: "rule", reason: is required'
          : `RBAC rule '${Object.keys(message.json).join(', ')}' is not supported`,
      );
  }
}

/** URI SANs first, then DNS SANs, then the subject, as Envoy takes them. */
function compileAuthenticated(authenticated: Message): Test {
  const name = authenticated.message('principal_name');
  if (!name) return ({ tls }) => tls !== undefined;
  const test = compileStringMatcher(name);
  return ({ tls }) => {
    if (!tls) return false;
    if (tls.peerUriSans.length > 0 && tls.peerUriSans.some(test)) return true;
    if (tls.peerDnsSans.length > 0 && tls.peerDnsSans.some(test)) return true;
    return tls.peerUriSans.length + tls.peerDnsSans.length === 0 && test(tls.peerSubject);
  };
}

/** Istio: filter_state `io.istio.peer_principal` is the peer's SPIFFE id without the scheme. */
function compileFilterState(matcher: Message): Test {
  const key = matcher.text('key');
  const test = matcher.has('string_match')
    ? compileStringMatcher(matcher.messageOrEmpty('string_match'))
    : compileValueMatcher(matcher);
  return (subject) => {
    const value = subject.filterState(key);
    return typeof value === 'string' && test(value);
  };
}
