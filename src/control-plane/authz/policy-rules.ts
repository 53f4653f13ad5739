/**
 * Models the translation of one rule of a policy: each `to` a permission, each `from` a principal.
 *
 * Spec: istio pilot/pkg/security/authz/model/model.go.
 */
import type {
  AuthorizationOperation,
  AuthorizationRule,
  AuthorizationSource,
} from '../../istio/kinds/authorization-policy.ts';
import type { Permission, Principal, RbacPolicy } from '../../xds/resources/rbac.ts';
import {
  NOT_APPLICABLE,
  permissionsOf,
  principalsOf,
  type AttributeContext,
} from './attributes.ts';
import type { TrustDomains } from './trust-domain.ts';

interface Condition {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export interface RuleContext extends AttributeContext {
  readonly trustDomains: TrustDomains;
  /** An ALLOW rule with a part that cannot be asked is dropped; a DENY rule loses that part alone. */
  readonly isAllow: boolean;
}

export function rulePolicy(rule: AuthorizationRule, context: RuleContext): RbacPolicy | undefined {
  const when = (rule.when ?? []).map(({ key, values = [], notValues = [] }) => ({
    key,
    values,
    notValues,
  }));
  const ofDestination = when.filter(({ key }) => permissionsOf(key, [], context) !== undefined);
  const ofSource = when.filter((it) => !ofDestination.includes(it));
  const to = rule.to?.length ? rule.to : [{}];
  const from = rule.from?.length ? rule.from : [{}];
  const permissions = to.map(({ operation = {} }) =>
    all(
      [...operationConditions(operation), ...ofDestination],
      (key, values) => permissionsOf(key, values, context) ?? [],
      PERMISSIONS,
      context,
    ),
  );
  const principals = from.map(({ source = {} }) =>
    all(
      [...sourceConditions(source), ...ofSource].map((it) => inAllDomains(it, context)),
      (key, values) => principalsOf(key, values, context),
      PRINCIPALS,
      context,
    ),
  );
  const isWhole = [...permissions, ...principals].every((it) => it !== undefined);
  if (!isWhole) return undefined;
  return { permissions: permissions as Permission[], principals: principals as Principal[] };
}

/** How the two sides of a policy spell "and", "or", "not", "any". */
interface Algebra<T> {
  readonly any: T;
  readonly and: (parts: T[]) => T;
  readonly or: (parts: T[]) => T;
  readonly not: (part: T) => T;
}

const PERMISSIONS: Algebra<Permission> = {
  any: { any: true },
  and: (rules) => ({ and_rules: { rules } }),
  or: (rules) => ({ or_rules: { rules } }),
  not: (not_rule) => ({ not_rule }),
};

const PRINCIPALS: Algebra<Principal> = {
  any: { any: true },
  and: (ids) => ({ and_ids: { ids } }),
  or: (ids) => ({ or_ids: { ids } }),
  not: (not_id) => ({ not_id }),
};

/** Undefined where an ALLOW rule asks what cannot be asked here. */
function all<T extends object>(
  conditions: readonly Condition[],
  ask: (key: string, values: readonly string[]) => (T | typeof NOT_APPLICABLE)[],
  algebra: Algebra<T>,
  { isAllow }: RuleContext,
): T | undefined {
  const parts: T[] = [];
  for (const { key, values, notValues } of conditions)
    for (const [list, isNegated] of [
      [values, false],
      [notValues, true],
    ] as const) {
      if (list.length === 0) continue;
      const asked = ask(key, list);
      if (isAllow && asked.includes(NOT_APPLICABLE)) return undefined;
      const found = asked.filter((it): it is T => it !== NOT_APPLICABLE);
      if (found.length === 0) continue;
      const part = isAskedTogether(key) ? found[0]! : algebra.or(found);
      parts.push(isNegated ? algebra.not(part) : part);
    }
  return algebra.and(parts.length > 0 ? parts : [algebra.any]);
}

/** Attributes whose values make one question instead of one each. */
function isAskedTogether(key: string): boolean {
  return key.startsWith('request.auth.') || key.startsWith('experimental.');
}

function operationConditions(it: AuthorizationOperation): Condition[] {
  return given([
    ['host', it.hosts, it.notHosts],
    ['method', it.methods, it.notMethods],
    ['path', it.paths, it.notPaths],
    ['destination.port', it.ports, it.notPorts],
  ]);
}

function sourceConditions(it: AuthorizationSource): Condition[] {
  return given([
    ['source.principal', it.principals, it.notPrincipals],
    ['request.auth.principal', it.requestPrincipals, it.notRequestPrincipals],
    ['source.serviceAccount', it.serviceAccounts, it.notServiceAccounts],
    ['source.trustDomain', it.trustDomains, it.notTrustDomains],
    ['source.namespace', it.namespaces, it.notNamespaces],
    ['remote.ip', it.remoteIpBlocks, it.notRemoteIpBlocks],
    ['source.ip', it.ipBlocks, it.notIpBlocks],
  ]);
}

type Values = readonly string[] | undefined;

function given(conditions: readonly (readonly [string, Values, Values])[]): Condition[] {
  return conditions
    .map(([key, values = [], notValues = []]) => ({ key, values, notValues }))
    .filter(({ values, notValues }) => values.length > 0 || notValues.length > 0);
}

function inAllDomains(condition: Condition, { trustDomains }: RuleContext): Condition {
  const { key, values, notValues } = condition;
  if (key === 'source.principal')
    return {
      key,
      values: trustDomains.principals(values),
      notValues: trustDomains.principals(notValues),
    };
  if (key === 'source.trustDomain')
    return {
      key,
      values: trustDomains.domains(values),
      notValues: trustDomains.domains(notValues),
    };
  return condition;
}
