/** Models role-based access control rules, shared by the HTTP and the network filter. Spec: envoy config/rbac/v3/rbac.proto. */
import type { CidrRange } from './address.ts';
import type { TypedExtensionConfig } from './any.ts';
import type { HeaderMatcher } from './header-matcher.ts';
import type { FilterStateMatcher, MetadataMatcher } from './metadata-matcher.ts';
import type { PathMatcher, StringMatcher } from './string-matcher.ts';

/** Exactly one of the fields is set. */
export interface Permission {
  and_rules?: { rules?: Permission[] };
  or_rules?: { rules?: Permission[] };
  any?: boolean;
  header?: HeaderMatcher;
  url_path?: PathMatcher;
  destination_ip?: CidrRange;
  destination_port?: number;
  /** Ports in [start, end). */
  destination_port_range?: { start?: number; end?: number };
  metadata?: MetadataMatcher;
  sourced_metadata?: { metadata_matcher: MetadataMatcher; metadata_source?: 'DYNAMIC' | 'ROUTE' };
  not_rule?: Permission;
  requested_server_name?: StringMatcher;
  matcher?: TypedExtensionConfig;
  uri_template?: TypedExtensionConfig;
}

/** Exactly one of the fields is set. */
export interface Principal {
  and_ids?: { ids?: Principal[] };
  or_ids?: { ids?: Principal[] };
  any?: boolean;
  authenticated?: { principal_name?: StringMatcher };
  source_ip?: CidrRange;
  direct_remote_ip?: CidrRange;
  remote_ip?: CidrRange;
  header?: HeaderMatcher;
  url_path?: PathMatcher;
  metadata?: MetadataMatcher;
  sourced_metadata?: { metadata_matcher: MetadataMatcher; metadata_source?: 'DYNAMIC' | 'ROUTE' };
  filter_state?: FilterStateMatcher;
  not_id?: Principal;
  custom?: TypedExtensionConfig;
}

export interface RbacPolicy {
  permissions: Permission[];
  principals: Principal[];
}

export interface RbacRules {
  action?: 'ALLOW' | 'DENY' | 'LOG';
  /** By policy name; evaluated in lexical order of the names. */
  policies?: Record<string, RbacPolicy>;
}
