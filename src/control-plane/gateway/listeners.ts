/**
 * Models a gateway's listeners: HTTP, TLS terminated, TLS passed through, plain TCP.
 *
 * Spec: istio pilot/pkg/networking/core/gateway.go.
 */
import { hostWithin } from '../../istio/host-name.ts';
import type { Server } from '../../istio/kinds/gateway.ts';
import type { L4Match, TlsMatch, VirtualService } from '../../istio/kinds/virtual-service.ts';
import { isHttp, isTcp, parseProtocol } from '../../istio/protocol.ts';
import type { Filter, FilterChain } from '../../xds/resources/filter-chain.ts';
import type { ForwardClientCertDetails } from '../../xds/resources/http-connection-manager.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import type { DownstreamTlsContext } from '../../xds/resources/transport-socket.ts';
import { serverTlsContext } from '../authn/server-tls.ts';
import { downstreamTlsSocket } from '../authn/tls-context.ts';
import { namespaceOf } from '../config.ts';
import { PROXY_PROTOCOL, TLS_INSPECTOR } from '../filters/listener-filters.ts';
import { httpConnectionManagerFilter } from '../filters/network-filters.ts';
import { ExtensionFilters } from '../filters/traffic-extensions.ts';
import {
  chainMatch,
  TRANSPORT_SOCKET_CONNECT_TIMEOUT,
  type ChainOptions,
} from '../listener/chain-options.ts';
import { buildHttpConnectionManager } from '../listener/http-connection-manager.ts';
import { routedTcpFilters, singleTcpFilters, type TcpPort } from '../listener/outbound-filters.ts';
import { proxyHeaders } from '../listener/proxy-headers.ts';
import { delimited, listenerName, sniClusterName, WILDCARD_ADDRESS } from '../names.ts';
import { withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { accessLogs } from '../telemetry/access-log.ts';
import {
  isPassthrough,
  mergedGateway,
  sniHosts,
  terminatesHttps,
  type GatewayPort,
  type GatewayServer,
} from './merged-gateway.ts';

const ISTIO_ALPN = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

export function gatewayListeners(proxy: Proxy): Listener[] {
  const chains = new Map<string, { port: GatewayPort; chains: ChainOptions[] }>();
  const passedHosts = new Map<number, Map<string, string>>();
  for (const port of mergedGateway(proxy)?.ports ?? []) {
    const name = listenerName(port.bind || WILDCARD_ADDRESS, port.number);
    const entry = chains.get(name) ?? { port, chains: [] };
    entry.chains.push(...portChains(proxy, port, name, passedHosts));
    chains.set(name, entry);
  }
  return [...chains]
    .filter(([, entry]) => entry.chains.length > 0)
    .map(([name, entry]) => writeListener(proxy, name, entry.port, entry.chains));
}

function writeListener(
  proxy: Proxy,
  name: string,
  port: GatewayPort,
  chains: readonly ChainOptions[],
): Listener {
  const logs = accessLogs(proxy, 'gateway', 'listener');
  const inspects = chains.some(({ sniHosts: hosts, tlsContext }) => hosts?.length || tlsContext);
  const topology = proxy.push.mesh.defaultConfig?.gatewayTopology;
  const filters = [
    ...(topology?.proxyProtocol ? [PROXY_PROTOCOL] : []),
    ...(inspects ? [TLS_INSPECTOR] : []),
  ];
  return {
    name,
    address: {
      socket_address: { address: port.bind || WILDCARD_ADDRESS, port_value: port.number },
    },
    filter_chains: chains.map((chain) => writeChain(proxy, chain, port.number)),
    ...(filters.length > 0 && { listener_filters: filters }),
    traffic_direction: 'OUTBOUND',
    max_connections_to_accept_per_socket_event: 1,
    ...(logs.length > 0 && { access_log: logs }),
  };
}

function writeChain(proxy: Proxy, chain: ChainOptions, port: number): FilterChain {
  const match = chainMatch(chain);
  return withOrigin(
    {
      ...(match && { filter_chain_match: match }),
      filters: chain.http
        ? [
            ...new ExtensionFilters(proxy, 'gateway', port, 'NETWORK').all(),
            httpConnectionManagerFilter(buildHttpConnectionManager(proxy, chain.http)),
          ]
        : [...(chain.filters ?? [])],
      ...(chain.tlsContext && { transport_socket: downstreamTlsSocket(chain.tlsContext) }),
      ...TRANSPORT_SOCKET_CONNECT_TIMEOUT,
    },
    chain.origin,
  );
}

function portChains(
  proxy: Proxy,
  port: GatewayPort,
  listener: string,
  passedHosts: Map<number, Map<string, string>>,
): ChainOptions[] {
  if (isHttp(parseProtocol(port.protocol)))
    return [httpChain(proxy, port.servers[0]!, port, listener, port.routeName)];
  return port.servers.flatMap((entry): ChainOptions[] => {
    if (terminatesHttps(entry.server))
      return [
        {
          ...httpChain(proxy, entry, port, listener, entry.routeName),
          sniHosts: sniHosts(entry.server),
          tlsContext: terminationContext(proxy, entry.server),
        },
      ];
    return isPassthrough(entry.server)
      ? passthroughChains(proxy, entry, port.number, passedHosts)
      : tcpChains(proxy, entry);
  });
}

function httpChain(
  proxy: Proxy,
  { server, origin }: GatewayServer,
  port: GatewayPort,
  listener: string,
  routeName: string,
): ChainOptions {
  const topology = proxy.push.mesh.defaultConfig?.gatewayTopology;
  const given = topology?.forwardClientCertDetails;
  const details = (
    given === undefined || given === 'UNDEFINED' ? 'SANITIZE_SET' : given
  ) as ForwardClientCertDetails;
  const tellsMore = details === 'APPEND_FORWARD' || details === 'SANITIZE_SET';
  return {
    origin,
    http: {
      listenerClass: 'gateway',
      protocol: parseProtocol(server.port.protocol),
      port: port.number,
      statPrefix: delimited(`outbound_${listener}`),
      rds: routeName,
      useRemoteAddress: true,
      headers: proxyHeaders(proxy, 'gateway'),
      own: {
        ...(topology?.numTrustedProxies && { xff_num_trusted_hops: topology.numTrustedProxies }),
        ...(details !== 'SANITIZE' && { forward_client_cert_details: details }),
        ...(tellsMore && {
          set_current_client_cert_details: { subject: true, cert: true, dns: true, uri: true },
        }),
        http_protocol_options: {},
      },
    },
  };
}

function terminationContext(proxy: Proxy, server: Server): DownstreamTlsContext {
  const protocol = parseProtocol(server.port.protocol);
  const isStream = isTcp(protocol) && protocol !== 'HTTPS';
  return serverTlsContext(server.tls!, proxy, isStream ? 'tcp' : 'http');
}

/** Plain TCP, or TLS terminated without HTTP inside: the first TCP route that fits. */
function tcpChains(proxy: Proxy, { server, gateway, origin }: GatewayServer): ChainOptions[] {
  const filters = tcpRouteFilters(proxy, server, gateway);
  if (filters.length === 0) return [];
  if (!server.tls) return [{ filters, origin }];
  const tlsContext = terminationContext(proxy, server);
  return [{ filters, origin, sniHosts: sniHosts(server), tlsContext }];
}

function tcpRouteFilters(proxy: Proxy, server: Server, gateway: string): Filter[] {
  const port = portOf(server);
  for (const config of servingConfigs(proxy, server, gateway))
    for (const { match, route } of config.spec.tcp ?? [])
      if (!match?.length || match.some((it) => l4Fits(it, server, gateway)))
        return routedTcpFilters(
          proxy,
          route ?? [],
          port,
          config,
          server.tls?.mode === 'ISTIO_MUTUAL',
        );
  return [];
}

function passthroughChains(
  proxy: Proxy,
  { server, gateway, origin }: GatewayServer,
  port: number,
  passedHosts: Map<number, Map<string, string>>,
): ChainOptions[] {
  if (server.tls?.mode === 'AUTO_PASSTHROUGH') return autoPassthroughChains(proxy, server);
  let known = passedHosts.get(port);
  if (!known) passedHosts.set(port, (known = new Map()));
  const chains: ChainOptions[] = [];
  for (const config of servingConfigs(proxy, server, gateway))
    for (const { match, route } of config.spec.tls ?? [])
      for (const one of match) {
        if (!l4Fits(one, server, gateway)) continue;
        const bind = server.bind ?? '';
        if (one.sniHosts.some((host) => known.get(host) === bind)) continue;
        for (const host of one.sniHosts) known.set(host, bind);
        const filters = routedTcpFilters(proxy, route ?? [], portOf(server), config);
        chains.push({ sniHosts: one.sniHosts, filters, origin });
      }
  return chains;
}

/** East-west: mutual TLS between sidecars passes by the name of its cluster, which is its SNI. */
function autoPassthroughChains(proxy: Proxy, server: Server): ChainOptions[] {
  const wanted = sniHosts(server);
  return proxy.scope.services
    .filter(({ meshExternal, host }) => !meshExternal && wanted.some((it) => hostWithin(host, it)))
    .flatMap((service) => {
      const rule = proxy.scope.destinationRule(service.host, proxy.labels)?.spec;
      const subsets = ['', ...(rule?.subsets ?? []).map(({ name }) => name)];
      return service.ports
        .filter(({ protocol }) => protocol !== 'UDP')
        .flatMap((port) =>
          subsets.map((subset): ChainOptions => {
            const cluster = sniClusterName(subset, service.host, port.port);
            return {
              sniHosts: [cluster],
              applicationProtocols: ISTIO_ALPN,
              filters: singleTcpFilters(proxy, cluster, subset, port, rule),
            };
          }),
        );
    });
}

function portOf(server: Server): TcpPort {
  return { port: server.port.number, protocol: parseProtocol(server.port.protocol) };
}

/** VirtualServices of the gateway with a host that the server takes. */
function servingConfigs(proxy: Proxy, server: Server, gateway: string): VirtualService[] {
  return proxy.push.virtualServices.forGateway(proxy.node.namespace, gateway).filter((config) =>
    (config.spec.hosts ?? []).some((host) =>
      server.hosts.some((given) => {
        const [namespace, own] = given.includes('/') ? given.split('/') : [undefined, given];
        if (namespace !== undefined && namespace !== namespaceOf(config)) return false;
        return hostWithin(host, own!) || hostWithin(own!, host);
      }),
    ),
  );
}

function l4Fits(match: L4Match | TlsMatch, server: Server, gateway: string): boolean {
  return (
    (!match.port || match.port === server.port.number) &&
    (!match.gateways?.length || match.gateways.includes(gateway))
  );
}
