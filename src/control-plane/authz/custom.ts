/**
 * Models CUSTOM policies: RBAC only marks the requests that an external server is to decide on.
 *
 * Spec: istio pilot/pkg/security/authz/builder/{builder,extauthz}.go.
 */
import type { AuthorizationPolicy } from '../../istio/kinds/authorization-policy.ts';
import type { RbacRules } from '../../xds/resources/rbac.ts';
import type { Proxy } from '../proxy.ts';
import { extAuthzProvider, type ExtAuthzProvider } from './ext-authz.ts';
import { buildRules, workloadPolicies } from './rbac-rules.ts';

export const SHADOW_PREFIX = 'istio_ext_authz_';
const NAME_PREFIX = 'istio-ext-authz';

export type CustomCheck =
  /** Nobody can be asked: what the policies select is refused. */
  | { readonly kind: 'refuse'; readonly rules: RbacRules }
  | {
      readonly kind: 'ask';
      readonly rules: RbacRules | undefined;
      readonly shadowRules: RbacRules | undefined;
      readonly provider: ExtAuthzProvider;
      readonly namePrefix: string;
    };

/** One provider a workload; with several none is asked. */
export function customChecks(proxy: Proxy, isTcp: boolean): CustomCheck[] {
  const byProvider = new Map<string, AuthorizationPolicy[]>();
  for (const policy of workloadPolicies(proxy, 'CUSTOM')) {
    const name = policy.spec.provider?.name ?? '';
    byProvider.set(name, [...(byProvider.get(name) ?? []), policy]);
  }
  return [...byProvider]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, policies]): CustomCheck => {
      const namePrefix = name === '' ? NAME_PREFIX : `${NAME_PREFIX}-${name}`;
      const built = buildRules(proxy, policies, 'CUSTOM', isTcp, `${namePrefix}-`);
      const provider = byProvider.size === 1 ? extAuthzProvider(proxy, name) : undefined;
      if (!provider) return { kind: 'refuse', rules: refusing(built.rules) };
      return {
        kind: 'ask',
        rules: built.shadowRules?.policies ? built.shadowRules : undefined,
        shadowRules: built.rules ?? { action: 'DENY' },
        provider,
        namePrefix,
      };
    });
}

function refusing(rules: RbacRules | undefined): RbacRules {
  const policies = Object.entries(rules?.policies ?? {}).map(([name, policy]) => [
    `${name}-deny-due-to-bad-CUSTOM-action`,
    policy,
  ]);
  return {
    action: 'DENY',
    ...(policies.length > 0 && { policies: Object.fromEntries(policies) as RbacRules['policies'] }),
  } as RbacRules;
}
