/**
 * Models the RBAC rules of one action: all policies of a workload that have it.
 *
 * Spec: istio pilot/pkg/security/authz/builder/builder.go.
 */
import type {
  AuthorizationAction,
  AuthorizationPolicy,
} from '../../istio/kinds/authorization-policy.ts';
import type { RbacPolicy, RbacRules } from '../../xds/resources/rbac.ts';
import { namespaceOf } from '../config.ts';
import { originIn, withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { policiesFor } from '../push/policy-attachment.ts';
import { rulePolicy } from './policy-rules.ts';
import { TrustDomains } from './trust-domain.ts';

/** Enforced rules and those of dry-run policies; each absent where there is no policy of its kind. */
export interface BuiltRules {
  readonly rules: RbacRules | undefined;
  readonly shadowRules: RbacRules | undefined;
}

const RBAC_ACTIONS: Readonly<Record<AuthorizationAction, RbacRules['action']>> = {
  ALLOW: undefined,
  DENY: 'DENY',
  CUSTOM: 'DENY',
  AUDIT: 'LOG',
};

const NEVER: RbacPolicy = {
  permissions: [{ not_rule: { any: true } }],
  principals: [{ not_id: { any: true } }],
};

export function workloadPolicies(
  proxy: Proxy,
  action: AuthorizationAction,
): readonly AuthorizationPolicy[] {
  return policiesFor(proxy, proxy.push.configs('AuthorizationPolicy')).filter(
    ({ spec }) => (spec.action ?? 'ALLOW') === action,
  );
}

/** `prefix` goes before the policies' names: external authorization is told by it. */
export function buildRules(
  proxy: Proxy,
  policies: readonly AuthorizationPolicy[],
  action: AuthorizationAction,
  isTcp: boolean,
  prefix = '',
): BuiltRules {
  const enforced: Record<string, RbacPolicy> = {};
  const shadow: Record<string, RbacPolicy> = {};
  const trustDomains = new TrustDomains(proxy.push.mesh);
  for (const policy of policies) {
    const target = isDryRun(policy) ? shadow : enforced;
    const namespace = namespaceOf(policy);
    const name = (rule: number) =>
      `${prefix}ns[${namespace}]-policy[${policy.metadata.name}]-rule[${rule}]`;
    const context = { namespace, isTcp, trustDomains, isAllow: action === 'ALLOW' };
    for (const [index, rule] of (policy.spec.rules ?? []).entries()) {
      const made = rulePolicy(rule, context);
      if (made) target[name(index)] = withOrigin(made, originIn(policy, 'spec', 'rules', index));
    }
    if (!policy.spec.rules?.length) target[name(0)] = NEVER;
  }
  const has = (dryRun: boolean) => policies.some((it) => isDryRun(it) === dryRun);
  return {
    rules: has(false) ? rulesOf(action, enforced) : undefined,
    shadowRules: has(true) ? rulesOf(action, shadow) : undefined,
  };
}

function rulesOf(action: AuthorizationAction, policies: Record<string, RbacPolicy>): RbacRules {
  const rbacAction = RBAC_ACTIONS[action];
  return {
    ...(rbacAction && { action: rbacAction }),
    ...(Object.keys(policies).length > 0 && { policies }),
  };
}

export function isDryRun({ metadata }: AuthorizationPolicy): boolean {
  return /^(1|t|T|true|TRUE|True)$/.test(metadata.annotations?.['istio.io/dry-run'] ?? '');
}

/** Under which names the shadow engine leaves its verdict in metadata. */
export function shadowStatPrefix(shadow: RbacRules | undefined): object {
  if (shadow?.action === 'LOG') return {};
  return {
    shadow_rules_stat_prefix:
      shadow?.action === 'DENY' ? 'istio_dry_run_deny_' : 'istio_dry_run_allow_',
  };
}
