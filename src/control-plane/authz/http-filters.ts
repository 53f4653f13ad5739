/**
 * Models the authorization filters of HTTP: CUSTOM, then AUDIT, DENY and ALLOW.
 *
 * Spec: istio pilot/pkg/security/authz/builder/builder.go, buildHTTP.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { HttpRbac } from '../../xds/resources/filters/rbac-filter.ts';
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { customChecks, SHADOW_PREFIX } from './custom.ts';
import { buildRules, shadowStatPrefix, workloadPolicies } from './rbac-rules.ts';

export function customAuthorizationFilters(
  proxy: Proxy,
  listenerClass: ListenerClass,
): HttpFilter[] {
  if (listenerClass === 'outbound') return [];
  return customChecks(proxy, false).flatMap((check) => {
    if (check.kind === 'refuse') return [rbacFilter({ rules: check.rules })];
    return [
      rbacFilter({
        ...(check.rules && { rules: check.rules }),
        ...(check.shadowRules && { shadow_rules: check.shadowRules }),
        shadow_rules_stat_prefix: SHADOW_PREFIX,
      }),
      {
        name: 'envoy.filters.http.ext_authz',
        typed_config: packAny(
          'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
          check.provider.http(check.namePrefix),
        ),
      },
    ];
  });
}

export function authorizationFilters(proxy: Proxy, listenerClass: ListenerClass): HttpFilter[] {
  if (listenerClass === 'outbound') return [];
  return (['AUDIT', 'DENY', 'ALLOW'] as const).flatMap((action) => {
    const policies = workloadPolicies(proxy, action);
    if (policies.length === 0) return [];
    const { rules, shadowRules } = buildRules(proxy, policies, action, false);
    return [
      rbacFilter({
        ...(rules && { rules }),
        ...(shadowRules && { shadow_rules: shadowRules }),
        ...shadowStatPrefix(shadowRules),
      }),
    ];
  });
}

function rbacFilter(config: HttpRbac): HttpFilter {
  return {
    name: 'envoy.filters.http.rbac',
    typed_config: packAny('envoy.extensions.filters.http.rbac.v3.RBAC', config),
  };
}
