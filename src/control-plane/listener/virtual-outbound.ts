/**
 * Models `virtualOutbound`: where iptables sends all outgoing connections, which it hands to the
 * listener of their original destination.
 *
 * Spec: istio pilot/pkg/networking/core/listener_builder.go, buildVirtualOutboundListener.
 */
import type { Listener } from '../../xds/resources/listener.ts';
import { tcpProxyFilter } from '../filters/network-filters.ts';
import { BLACK_HOLE_CLUSTER, VIRTUAL_OUTBOUND, WILDCARD_ADDRESS } from '../names.ts';
import type { Proxy } from '../proxy.ts';
import { accessLogs } from '../telemetry/access-log.ts';
import { statsFilters } from '../telemetry/stats.ts';
import { catchAllTcpFilters } from './outbound-filters.ts';

export function virtualOutbound(proxy: Proxy): Listener {
  const port = proxy.push.mesh.proxyListenPort;
  const logs = accessLogs(proxy, 'outbound', 'listener');
  return {
    name: VIRTUAL_OUTBOUND,
    address: { socket_address: { address: WILDCARD_ADDRESS, port_value: port } },
    filter_chains: [
      {
        name: 'virtualOutbound-blackhole',
        filter_chain_match: { destination_port: port },
        filters: [
          ...statsFilters(proxy, 'outbound'),
          tcpProxyFilter({ stat_prefix: BLACK_HOLE_CLUSTER, cluster: BLACK_HOLE_CLUSTER }),
        ],
      },
      { name: 'virtualOutbound-catchall-tcp', filters: catchAllTcpFilters(proxy) },
    ],
    use_original_dst: true,
    traffic_direction: 'OUTBOUND',
    max_connections_to_accept_per_socket_event: 1,
    ...(logs.length > 0 && { access_log: logs }),
  };
}
