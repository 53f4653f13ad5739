/** Models the RBAC network filters. */
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export function customAuthorizationNetworkFilters(_proxy: Proxy, _class: ListenerClass): Filter[] {
  return [];
}

export function authorizationNetworkFilters(_proxy: Proxy, _class: ListenerClass): Filter[] {
  return [];
}
