/** Models the JWT filter. */
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export function jwtFilters(_proxy: Proxy, _listenerClass: ListenerClass): HttpFilter[] {
  return [];
}
