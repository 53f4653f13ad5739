/**
 * Models the network filters of outbound TCP chains: to one cluster or to several by weight.
 *
 * Spec: istio pilot/pkg/networking/core/networkfilter.go.
 */
import type { DestinationRuleSpec } from '../../istio/kinds/destination-rule.ts';
import type { RouteDestination, VirtualService } from '../../istio/kinds/virtual-service.ts';
import type { Protocol } from '../../istio/protocol.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { TcpProxy } from '../../xds/resources/tcp-proxy.ts';
import {
  authorizationNetworkFilters,
  customAuthorizationNetworkFilters,
} from '../authz/network-filters.ts';
import { namespaceOf } from '../config.ts';
import { xdsDuration } from '../duration.ts';
import { mongoFilters } from '../filters/mongo.ts';
import { TCP_METADATA_EXCHANGE, tcpProxyFilter } from '../filters/network-filters.ts';
import { ExtensionFilters } from '../filters/traffic-extensions.ts';
import { BLACK_HOLE_CLUSTER, PASSTHROUGH_CLUSTER } from '../names.ts';
import type { Proxy } from '../proxy.ts';
import { destinationCluster } from '../route/destination.ts';
import { accessLogs } from '../telemetry/access-log.ts';
import { statsFilters } from '../telemetry/stats.ts';

/** The port that a connection was meant for. */
export interface TcpPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** Of a VirtualService's TCP or TLS route. */
export function routedTcpFilters(
  proxy: Proxy,
  routes: readonly RouteDestination[],
  port: TcpPort,
  config: VirtualService,
  includeMetadataExchange = false,
): Filter[] {
  const first = routes[0];
  if (!first) return [];
  const service = proxy.scope.service(first.destination.host);
  const rule = service && proxy.scope.destinationRule(service.host, proxy.labels)?.spec;
  if (routes.length === 1) {
    const cluster = destinationCluster(first.destination, service, port.port);
    return singleTcpFilters(
      proxy,
      cluster,
      first.destination.subset ?? '',
      port,
      rule,
      includeMetadataExchange,
    );
  }
  const clusters = routes
    .filter(({ weight }) => weight)
    .map(({ destination, weight }) => ({
      name: destinationCluster(destination, proxy.scope.service(destination.host), port.port),
      weight: weight!,
    }));
  const name = `${config.metadata.name}.${namespaceOf(config)}`;
  const tcp = { stat_prefix: name, weighted_clusters: { clusters } };
  return withTcpProxy(proxy, { ...tcp, ...tcpSettings(rule, '') }, port, includeMetadataExchange);
}

export function singleTcpFilters(
  proxy: Proxy,
  cluster: string,
  subset: string,
  port: TcpPort,
  rule: DestinationRuleSpec | undefined,
  includeMetadataExchange = false,
): Filter[] {
  const tcp = { stat_prefix: cluster, cluster, ...tcpSettings(rule, subset) };
  return withTcpProxy(proxy, tcp, port, includeMetadataExchange);
}

function tcpSettings(rule: DestinationRuleSpec | undefined, subset: string): Partial<TcpProxy> {
  const policy = rule?.trafficPolicy;
  const tcp = policy?.connectionPool?.tcp;
  const own = rule?.subsets?.find(({ name }) => name === subset)?.trafficPolicy;
  const balancer = own?.loadBalancer ?? policy?.loadBalancer;
  const tunnel = own?.tunnel ?? policy?.tunnel;
  return {
    ...(tcp?.idleTimeout !== undefined && { idle_timeout: xdsDuration(tcp.idleTimeout) }),
    ...(tcp?.maxConnectionDuration !== undefined && {
      max_downstream_connection_duration: xdsDuration(tcp.maxConnectionDuration),
    }),
    ...(balancer?.consistentHash?.useSourceIp && { hash_policy: [{ source_ip: {} }] }),
    ...(tunnel && {
      tunneling_config: {
        hostname: `${tunnel.targetHost}:${tunnel.targetPort}`,
        ...(tunnel.protocol === 'POST' && { use_post: true }),
      },
    }),
  };
}

function withTcpProxy(
  proxy: Proxy,
  config: TcpProxy,
  port: TcpPort,
  includeMetadataExchange: boolean,
): Filter[] {
  const listenerClass = proxy.outboundClass;
  const logs = accessLogs(proxy, listenerClass, 'tcp');
  const extensions = new ExtensionFilters(proxy, listenerClass, port.port, 'NETWORK');
  return [
    ...(includeMetadataExchange ? [TCP_METADATA_EXCHANGE] : []),
    ...customAuthorizationNetworkFilters(proxy, listenerClass),
    ...extensions.network('AUTHN'),
    ...extensions.network('AUTHZ'),
    ...authorizationNetworkFilters(proxy, listenerClass),
    ...extensions.network('STATS'),
    ...extensions.network('UNSPECIFIED_PHASE'),
    ...statsFilters(proxy, listenerClass),
    ...mongoFilters(port.protocol, config.stat_prefix),
    tcpProxyFilter({ ...config, ...(logs.length > 0 && { access_log: logs }) }),
  ];
}

/** For what no chain and no listener knows. */
export function catchAllTcpFilters(proxy: Proxy): Filter[] {
  const { mode, egressProxy } = proxy.scope.outboundTrafficPolicy;
  const open = egressProxy ? destinationCluster(egressProxy, undefined, 0) : PASSTHROUGH_CLUSTER;
  const cluster = mode === 'ALLOW_ANY' ? open : BLACK_HOLE_CLUSTER;
  const logs = accessLogs(proxy, 'outbound', 'tcp');
  return [
    ...statsFilters(proxy, 'outbound'),
    tcpProxyFilter({ stat_prefix: cluster, cluster, ...(logs.length > 0 && { access_log: logs }) }),
  ];
}
