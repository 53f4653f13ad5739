/**
 * Models the authorization filters of connections: rules without the parts that only HTTP knows.
 *
 * Spec: istio pilot/pkg/security/authz/builder/builder.go, buildTCP.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { NetworkRbac } from '../../xds/resources/filters/rbac-filter.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { customChecks, SHADOW_PREFIX } from './custom.ts';
import { buildRules, shadowStatPrefix, workloadPolicies } from './rbac-rules.ts';

const STAT_PREFIX = 'tcp.';

export function customAuthorizationNetworkFilters(
  proxy: Proxy,
  listenerClass: ListenerClass,
): Filter[] {
  if (listenerClass === 'outbound') return [];
  return customChecks(proxy, true).flatMap((check) => {
    if (check.kind === 'refuse')
      return [rbacFilter({ rules: check.rules, stat_prefix: STAT_PREFIX })];
    if (!check.provider.tcp) return [];
    return [
      rbacFilter({
        ...(check.rules && { rules: check.rules }),
        ...(check.shadowRules && { shadow_rules: check.shadowRules }),
        shadow_rules_stat_prefix: SHADOW_PREFIX,
        stat_prefix: STAT_PREFIX,
      }),
      {
        name: 'envoy.filters.network.ext_authz',
        typed_config: packAny(
          'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz',
          check.provider.tcp(check.namePrefix),
        ),
      },
    ];
  });
}

export function authorizationNetworkFilters(proxy: Proxy, listenerClass: ListenerClass): Filter[] {
  if (listenerClass === 'outbound') return [];
  return (['AUDIT', 'DENY', 'ALLOW'] as const).flatMap((action) => {
    const policies = workloadPolicies(proxy, action);
    if (policies.length === 0) return [];
    const { rules, shadowRules } = buildRules(proxy, policies, action, true);
    return [
      rbacFilter({
        ...(rules && { rules }),
        ...(shadowRules && { shadow_rules: shadowRules }),
        ...shadowStatPrefix(shadowRules),
        stat_prefix: STAT_PREFIX,
      }),
    ];
  });
}

function rbacFilter(config: NetworkRbac): Filter {
  return {
    name: 'envoy.filters.network.rbac',
    typed_config: packAny('envoy.extensions.filters.network.rbac.v3.RBAC', config),
  };
}
