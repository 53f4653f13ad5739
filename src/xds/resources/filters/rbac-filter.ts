/** Models the RBAC filters of HTTP and of connections. Spec: envoy extensions/filters/{http,network}/rbac/v3/rbac.proto. */
import type { RbacRules } from '../rbac.ts';

/** "envoy.extensions.filters.http.rbac.v3.RBAC" */
export interface HttpRbac {
  rules?: RbacRules;
  rules_stat_prefix?: string;
  shadow_rules?: RbacRules;
  shadow_rules_stat_prefix?: string;
  track_per_rule_stats?: boolean;
}

/** "envoy.extensions.filters.http.rbac.v3.RBACPerRoute" */
export interface HttpRbacPerRoute {
  rbac?: HttpRbac;
}

/** "envoy.extensions.filters.network.rbac.v3.RBAC" */
export interface NetworkRbac {
  rules?: RbacRules;
  shadow_rules?: RbacRules;
  shadow_rules_stat_prefix?: string;
  stat_prefix: string;
  enforcement_type?: 'ONE_TIME_ON_FIRST_BYTE' | 'CONTINUOUS';
}
