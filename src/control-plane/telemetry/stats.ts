/**
 * Models which statistics filter a chain gets.
 *
 * Spec: istio pilot/pkg/model/telemetry.go, HTTPFilters, TCPFilters.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

/** The `istio.stats` filter, for HTTP and TCP chains alike; none where no provider wants metrics. */
export function statsFilters(
  proxy: Proxy,
  listenerClass: ListenerClass,
  _protocol: 'http' | 'tcp',
): Filter[] {
  if (!proxy.push.mesh.defaultProviders?.metrics?.includes('prometheus')) return [];
  return [
    {
      name: 'istio.stats',
      typed_config: packAny('stats.PluginConfig', {
        ...(listenerClass !== 'outbound' && { disable_host_header_fallback: true }),
      }),
    },
  ];
}
