/** Models how clusters resolve names. Spec: istio pilot/pkg/networking/core/cluster_builder.go, buildCluster. */
import { packAny } from '../../xds/resources/any.ts';
import type { Cluster } from '../../xds/resources/cluster.ts';
import { xdsDuration } from '../duration.ts';
import type { Proxy } from '../proxy.ts';

export function dnsSettings(proxy: Proxy): Partial<Cluster> {
  return {
    dns_lookup_family: 'V4_ONLY',
    dns_refresh_rate: xdsDuration(proxy.push.mesh.dnsRefreshRate),
    dns_jitter: '0.100s',
    respect_dns_ttl: true,
    typed_dns_resolver_config: {
      name: 'envoy.network.dns_resolver.cares',
      typed_config: packAny(
        'envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
        { udp_max_queries: 100 },
      ),
    },
  };
}
