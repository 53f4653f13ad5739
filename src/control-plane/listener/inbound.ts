/**
 * Models `virtualInbound`: one listener for whatever reaches the workload, a set of chains a port.
 *
 * Spec: istio pilot/pkg/networking/core/listener_inbound.go.
 */
import type { ServerTls } from '../../istio/kinds/server-tls.ts';
import type { CaptureMode } from '../../istio/kinds/sidecar.ts';
import { parseProtocol, type Protocol } from '../../istio/protocol.ts';
import type { Filter, FilterChain } from '../../xds/resources/filter-chain.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import type { Metadata } from '../../xds/resources/metadata.ts';
import type { DownstreamTlsContext } from '../../xds/resources/transport-socket.ts';
import { chainVariants, terminatingVariant, type ChainVariant } from '../authn/chain-variants.ts';
import { serverTlsContext } from '../authn/server-tls.ts';
import { downstreamTlsSocket, inboundTlsContext } from '../authn/tls-context.ts';
import {
  authorizationNetworkFilters,
  customAuthorizationNetworkFilters,
} from '../authz/network-filters.ts';
import { xdsDuration } from '../duration.ts';
import {
  httpConnectionManagerFilter,
  TCP_METADATA_EXCHANGE,
  tcpProxyFilter,
} from '../filters/network-filters.ts';
import { ExtensionFilters } from '../filters/traffic-extensions.ts';
import {
  BLACK_HOLE_CLUSTER,
  delimited,
  INBOUND_PASSTHROUGH_CLUSTER,
  inboundClusterName,
  listenerName,
  VIRTUAL_INBOUND,
  VIRTUAL_INBOUND_CATCHALL_HTTP,
  WILDCARD_ADDRESS,
} from '../names.ts';
import { configMetadata } from '../metadata.ts';
import { originIn, withOrigin, type Origin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import type { MtlsMode } from '../push/peer-authentications.ts';
import { isHttp2, listenerProtocol } from '../registry/protocol-selection.ts';
import { inboundRouteConfig } from '../route/inbound.ts';
import { accessLogs } from '../telemetry/access-log.ts';
import { statsFilters } from '../telemetry/stats.ts';
import { buildHttpConnectionManager } from './http-connection-manager.ts';
import { inboundListenerFilters } from './inspectors.ts';
import { proxyHeaders } from './proxy-headers.ts';

/** What one port's chains are made from. */
interface InboundPort {
  readonly targetPort: number;
  readonly servicePort: number;
  readonly protocol: Protocol;
  readonly clusterName: string;
  /** Of the service it serves; "" for pass-through. */
  readonly host: string;
  readonly bind: string;
  readonly bindToPort: boolean;
  readonly isPassthrough: boolean;
  readonly tls?: ServerTls;
  readonly metadata?: Metadata;
  readonly origin?: Origin;
}

export function inboundListeners(proxy: Proxy): Listener[] {
  const mtls = workloadMtls(proxy);
  const own: Listener[] = [];
  const captured: FilterChain[] = [];
  for (const port of inboundPorts(proxy)) {
    const mode = mtls.perPort.get(port.targetPort) ?? mtls.mode;
    const chains = chainsOf(proxy, port, mode);
    if (port.bindToPort) own.push(customListener(proxy, port, chains));
    else captured.push(...chains);
  }
  const passthrough = passthroughPorts(proxy, mtls.perPort).flatMap((port) =>
    chainsOf(proxy, port, mtls.perPort.get(port.targetPort) ?? mtls.mode),
  );
  const chains = [blackhole(proxy), ...passthrough, ...captured];
  return [virtualInbound(proxy, chains), ...own];
}

function workloadMtls({ node, push }: Proxy) {
  return push.peerAuthentications.forWorkload(node.namespace, node.labels);
}

function virtualInbound(proxy: Proxy, chains: FilterChain[]): Listener {
  const port = proxy.push.mesh.proxyInboundListenPort;
  return listener(proxy, VIRTUAL_INBOUND, WILDCARD_ADDRESS, port, chains, false);
}

function customListener(proxy: Proxy, port: InboundPort, chains: FilterChain[]): Listener {
  const name = listenerName(port.bind, port.targetPort);
  return listener(proxy, name, port.bind, port.targetPort, chains, true);
}

function listener(
  proxy: Proxy,
  name: string,
  address: string,
  port: number,
  chains: FilterChain[],
  bindToPort: boolean,
): Listener {
  const logs = accessLogs(proxy, 'inbound', 'listener');
  return {
    name,
    address: { socket_address: { address, port_value: port } },
    filter_chains: chains,
    listener_filters: inboundListenerFilters(chains, bindToPort),
    listener_filters_timeout: xdsDuration(proxy.push.mesh.protocolDetectionTimeout),
    continue_on_listener_filters_timeout: true,
    traffic_direction: 'INBOUND',
    max_connections_to_accept_per_socket_event: 1,
    ...(logs.length > 0 && { access_log: logs }),
  };
}

/** Traffic sent to the capturing port itself would come back forever. */
function blackhole(proxy: Proxy): FilterChain {
  return {
    name: 'virtualInbound-blackhole',
    filter_chain_match: { destination_port: proxy.push.mesh.proxyInboundListenPort },
    filters: [
      TCP_METADATA_EXCHANGE,
      ...statsFilters(proxy, 'inbound'),
      tcpProxyFilter({ stat_prefix: BLACK_HOLE_CLUSTER, cluster: BLACK_HOLE_CLUSTER }),
    ],
  };
}

/** Ports of services (or of the Sidecar document), by number; the oldest service wins a port. */
function inboundPorts(proxy: Proxy): InboundPort[] {
  const ports = new Map<number, InboundPort>();
  const found = proxy.scope.hasIngress ? ingressPorts(proxy) : servicePorts(proxy);
  for (const port of found) if (!ports.has(port.targetPort)) ports.set(port.targetPort, port);
  return [...ports.values()].sort((a, b) => a.targetPort - b.targetPort);
}

function servicePorts(proxy: Proxy): InboundPort[] {
  return proxy.targets
    .filter(({ targetPort }) => targetPort > 0 && !isOwnPort(targetPort))
    .map(({ service, port, targetPort }) => ({
      targetPort,
      servicePort: port.port,
      protocol: port.protocol,
      clusterName: inboundClusterName(targetPort),
      host: service.host,
      bind: WILDCARD_ADDRESS,
      bindToPort: false,
      isPassthrough: false,
    }));
}

function ingressPorts({ node, scope, push }: Proxy): InboundPort[] {
  const { sidecar } = scope;
  if (!sidecar) return [];
  return (sidecar.spec.ingress ?? []).map((ingress, index) => {
    const number = ingress.port.number ?? 0;
    const tls = push.features.tlsOnSidecarIngress ? ingress.tls : undefined;
    const protocol = parseProtocol(ingress.port.protocol);
    return {
      targetPort: number,
      servicePort: number,
      protocol: tls ? afterTls(protocol) : protocol,
      clusterName: inboundClusterName(number),
      host: `${sidecar.metadata.name}.${sidecar.metadata.namespace ?? ''}`,
      bind: ingress.bind || node.ips[0] || WILDCARD_ADDRESS,
      bindToPort: bindsToPort(ingress.captureMode),
      isPassthrough: false,
      ...(tls && { tls }),
      metadata: configMetadata(sidecar),
      origin: originIn(sidecar, 'spec', 'ingress', index),
    };
  });
}

function bindsToPort(mode: CaptureMode | undefined): boolean {
  return mode === 'NONE';
}

/** Ports of the proxy itself are left alone. */
function isOwnPort(port: number): boolean {
  return port === 15090 || port === 15021 || port === 15020;
}

/** Once for all ports, and once for each port that PeerAuthentication names and no service has. */
function passthroughPorts(proxy: Proxy, perPort: ReadonlyMap<number, MtlsMode>): InboundPort[] {
  const { scope, targets } = proxy;
  const known = new Set(
    scope.hasIngress
      ? scope.sidecar?.spec.ingress?.map(({ port }) => port.number)
      : targets.map(({ targetPort }) => targetPort),
  );
  const extra = [...perPort.keys()].filter((port) => !known.has(port)).sort((a, b) => a - b);
  return [0, ...extra].map((targetPort) => ({
    targetPort,
    servicePort: 0,
    protocol: 'UnsupportedProtocol',
    clusterName: INBOUND_PASSTHROUGH_CLUSTER,
    host: '',
    bind: '',
    bindToPort: false,
    isPassthrough: true,
  }));
}

function chainsOf(proxy: Proxy, port: InboundPort, mode: MtlsMode): FilterChain[] {
  const protocol = listenerProtocol(port.protocol) ?? 'tcp';
  const own =
    port.tls && mode === 'DISABLE' ? serverTlsContext(port.tls, proxy, 'http') : undefined;
  const variants = own ? terminatingVariant(protocol) : chainVariants(mode, protocol);
  return variants.map((variant) => withOrigin(chain(proxy, port, variant, own), port.origin));
}

function chain(
  proxy: Proxy,
  port: InboundPort,
  variant: ChainVariant,
  ownTls: DownstreamTlsContext | undefined,
): FilterChain {
  const tls = ownTls ?? inboundTls(proxy, variant.protocol);
  return {
    name: chainName(port, variant.protocol),
    filter_chain_match: {
      ...(variant.alpn && { application_protocols: [...variant.alpn] }),
      transport_protocol: variant.transport,
      ...(port.targetPort > 0 && { destination_port: port.targetPort }),
    },
    filters: variant.protocol === 'http' ? httpFilters(proxy, port) : tcpFilters(proxy, port),
    ...(variant.terminates && { transport_socket: downstreamTlsSocket(tls) }),
    ...(port.metadata && { metadata: port.metadata }),
  };
}

function inboundTls({ push }: Proxy, protocol: 'http' | 'tcp'): DownstreamTlsContext {
  const cache = push.cache<string, DownstreamTlsContext>('inbound-tls');
  let context = cache.get(protocol);
  if (!context) cache.set(protocol, (context = inboundTlsContext(push.mesh, protocol)));
  return context;
}

function chainName(port: InboundPort, protocol: 'http' | 'tcp'): string {
  if (!port.isPassthrough) return listenerName(port.bind, port.targetPort);
  return protocol === 'http' ? VIRTUAL_INBOUND_CATCHALL_HTTP : VIRTUAL_INBOUND;
}

function httpFilters(proxy: Proxy, port: InboundPort): Filter[] {
  const headers = proxyHeaders(proxy, 'inbound');
  const details = headers.given.setCurrentClientCertDetails;
  const name = port.isPassthrough ? port.clusterName : `inbound_${chainName(port, 'http')}`;
  const manager = buildHttpConnectionManager(proxy, {
    listenerClass: 'inbound',
    protocol: port.protocol,
    port: port.targetPort,
    statPrefix: delimited(name),
    routeConfig: inboundRouteConfig(proxy, port),
    headers,
    own: {
      forward_client_cert_details: forwardClientCert(headers.given.forwardedClientCert),
      set_current_client_cert_details: {
        subject: details?.subject ?? true,
        ...((details?.uri ?? true) && { uri: true }),
        ...((details?.dns ?? true) && { dns: true }),
        ...(details?.cert && { cert: true }),
        ...(details?.chain && { chain: true }),
      },
      ...(isHttp2(port.protocol) && { http2_protocol_options: {} }),
    },
  });
  const extensions = new ExtensionFilters(proxy, 'inbound', port.targetPort, 'NETWORK');
  return [TCP_METADATA_EXCHANGE, ...extensions.all(), httpConnectionManagerFilter(manager)];
}

function forwardClientCert(given: string | undefined) {
  return (given === undefined || given === 'UNDEFINED' ? 'APPEND_FORWARD' : given) as 'SANITIZE';
}

function tcpFilters(proxy: Proxy, port: InboundPort): Filter[] {
  const logs = accessLogs(proxy, 'inbound', 'tcp');
  const extensions = new ExtensionFilters(proxy, 'inbound', port.servicePort, 'NETWORK');
  return [
    TCP_METADATA_EXCHANGE,
    ...customAuthorizationNetworkFilters(proxy, 'inbound'),
    ...extensions.network('AUTHN'),
    ...extensions.network('AUTHZ'),
    ...authorizationNetworkFilters(proxy, 'inbound'),
    ...extensions.network('STATS'),
    ...extensions.network('UNSPECIFIED_PHASE'),
    ...statsFilters(proxy, 'inbound'),
    tcpProxyFilter({
      stat_prefix: port.clusterName,
      cluster: port.clusterName,
      ...(logs.length > 0 && { access_log: logs }),
    }),
  ];
}

function afterTls(protocol: Protocol): Protocol {
  if (protocol === 'HTTPS') return 'HTTP';
  return protocol === 'TLS' ? 'TCP' : protocol;
}
