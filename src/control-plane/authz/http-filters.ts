/** Models the RBAC filters. */
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export function customAuthorizationFilters(_proxy: Proxy, _class: ListenerClass): HttpFilter[] {
  return [];
}

export function authorizationFilters(_proxy: Proxy, _class: ListenerClass): HttpFilter[] {
  return [];
}
