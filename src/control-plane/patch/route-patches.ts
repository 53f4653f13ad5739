/** Models EnvoyFilter patches of route tables. */
import type { RouteConfiguration } from '../../xds/resources/route-configuration.ts';
import type { Proxy } from '../proxy.ts';

export type PatchContext = 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';

export function patchRouteConfiguration(
  _proxy: Proxy,
  _context: PatchContext,
  config: RouteConfiguration,
): RouteConfiguration {
  return config;
}
