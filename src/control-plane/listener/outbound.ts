/**
 * Models outbound listeners: HTTP ports share the wildcard address, TCP ports bind the service's.
 *
 * Spec: istio pilot/pkg/networking/core/listener.go, buildSidecarOutboundListeners.
 */
import { isHttp, isTcp, parseProtocol, type Protocol } from '../../istio/protocol.ts';
import type { FilterChain } from '../../xds/resources/filter-chain.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import { downstreamTlsSocket } from '../authn/tls-context.ts';
import { xdsDuration } from '../duration.ts';
import { HTTP_INSPECTOR, TLS_INSPECTOR } from '../filters/listener-filters.ts';
import { httpConnectionManagerFilter } from '../filters/network-filters.ts';
import { ExtensionFilters } from '../filters/traffic-extensions.ts';
import { delimited, listenerName, WILDCARD_ADDRESS } from '../names.ts';
import { withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import type { EgressScope } from '../push/sidecar-scope.ts';
import { isIpAddress } from '../registry/ip-address.ts';
import { listenerProtocol } from '../registry/protocol-selection.ts';
import type { Service, ServicePort } from '../registry/service.ts';
import { extraAddresses, isOn } from '../route/virtual-host-domains.ts';
import {
  chainMatch,
  matchesAll,
  PLAINTEXT_HTTP_ALPN,
  sameMatch,
  TRANSPORT_SOCKET_CONNECT_TIMEOUT,
  type ChainOptions,
} from './chain-options.ts';
import { buildHttpConnectionManager } from './http-connection-manager.ts';
import { tcpChains, type OutboundTarget } from './outbound-chains.ts';
import { catchAllTcpFilters } from './outbound-filters.ts';
import { proxyHeaders } from './proxy-headers.ts';

interface Entry {
  readonly bind: string;
  readonly extraBinds: readonly string[];
  readonly port: ServicePort;
  readonly bindToPort: boolean;
  chains: ChainOptions[];
  /** Of the first service; "UnsupportedProtocol" once HTTP and TCP share the port. */
  protocol: Protocol;
  /** Made by an earlier egress listener: later ones add nothing. */
  isLocked: boolean;
}

/** What listens where is the same for a whole audience; connection managers name their own proxy. */
export function outboundListeners(proxy: Proxy): Listener[] {
  return entriesFor(proxy).map((entry) => {
    const write = () => writeListener(proxy, entry);
    if (entry.chains.some(({ http }) => http)) return write();
    return proxy.shared(`listener ${listenerName(entry.bind, entry.port.port)}`, write);
  });
}

function entriesFor(proxy: Proxy): readonly Entry[] {
  const cache = proxy.push.cache<string, readonly Entry[]>('outbound-listeners');
  let entries = cache.get(proxy.audience);
  if (!entries) {
    const making = new OutboundEntries(proxy);
    for (const scope of proxy.scope.egress) making.addScope(scope);
    cache.set(proxy.audience, (entries = making.all));
  }
  return entries;
}

class OutboundEntries {
  readonly #proxy: Proxy;
  readonly #entries = new Map<string, Entry>();

  constructor(proxy: Proxy) {
    this.#proxy = proxy;
  }

  addScope(scope: EgressScope): void {
    const { listener } = scope;
    const bindToPort =
      listener?.captureMode === 'NONE' || listener?.bind?.startsWith('unix://') === true;
    const bind = listener?.bind || (bindToPort ? '127.0.0.1' : '');
    const { port } = listener ?? {};
    if (port) {
      const own: ServicePort = {
        name: port.name ?? '',
        port: port.number ?? 0,
        protocol: parseProtocol(port.protocol),
      };
      for (const service of scope.services) this.#add(scope, service, own, bind, bindToPort);
      return;
    }
    for (const entry of this.#entries.values()) entry.isLocked = true;
    for (const service of scope.services)
      for (const own of service.ports) this.#addService(scope, service, own, bind, bindToPort);
  }

  /** A headless TCP port gets a listener an endpoint: there is no address to tell services apart. */
  #addService(
    scope: EgressScope,
    service: Service,
    port: ServicePort,
    bind: string,
    bindToPort: boolean,
  ): void {
    const isHeadless =
      bind === '' &&
      service.resolution === 'PASSTHROUGH' &&
      this.#addressOf(service) === WILDCARD_ADDRESS &&
      !isHttp(port.protocol) &&
      port.protocol !== 'UDP';
    if (!isHeadless) return this.#add(scope, service, port, bind, bindToPort);
    const endpoints = this.#proxy.push.registry.endpointsOfPort(service, port.port);
    if (service.registry !== 'Kubernetes' && endpoints.length === 0 && !service.selector)
      return this.#add(scope, service, port, bind, bindToPort);
    for (const { address } of endpoints)
      if (isIpAddress(address) && address !== this.#proxy.node.ips[0])
        this.#add(scope, service, port, address, bindToPort);
  }

  #addressOf(service: Service): string {
    const captures = isOn(this.#proxy.node.metadata['DNS_CAPTURE']);
    const allocated = captures && service.address === WILDCARD_ADDRESS;
    return (allocated && service.autoAllocatedAddress) || service.address;
  }

  #add(
    { virtualServices }: EgressScope,
    service: Service,
    port: ServicePort,
    bindWish: string,
    bindToPort: boolean,
  ): void {
    if (service.resolution === 'ALIAS') return;
    const kind = listenerProtocol(port.protocol);
    if (!kind) return;
    const place = this.#place(service, kind, bindWish);
    const key = `${place.bind}:${port.port}`;
    const current = this.#entries.get(key);
    if (current?.isLocked) return;
    const target: OutboundTarget = { service, port, bind: place.bind, cidrs: place.cidrs };
    const entry = { ...place, port, bindToPort, isLocked: false };
    if (port.protocol === 'HTTP_PROXY') {
      if (!current)
        this.#entries.set(key, {
          ...entry,
          chains: [this.#http(target, kind)],
          protocol: 'HTTP_PROXY',
        });
      return;
    }
    if (current && clashesOnWellKnownPort(port.protocol, current.protocol)) return;
    if (kind === 'http') {
      const isWildcard = place.bind === WILDCARD_ADDRESS;
      const chains = [{ ...this.#http(target, kind), ...(isWildcard && SNIFFED_HTTP) }];
      if (!current)
        this.#entries.set(key, {
          ...entry,
          chains,
          protocol: isWildcard ? 'UnsupportedProtocol' : port.protocol,
        });
      else if (isTcp(current.protocol)) joinChains(current, chains, true);
      return;
    }
    const plain = () => tcpChains(this.#proxy, target, virtualServices);
    if (kind === 'tcp') {
      if (!current) this.#entries.set(key, { ...entry, chains: plain(), protocol: port.protocol });
      else joinChains(current, plain(), isHttp(current.protocol));
      return;
    }
    const sniffed = (): ChainOptions[] => [
      ...plain(),
      { ...this.#http(target, kind), ...SNIFFED_HTTP },
    ];
    if (!current || isHttp(current.protocol))
      this.#entries.set(key, { ...entry, chains: sniffed(), protocol: port.protocol });
    else if (isTcp(current.protocol)) joinChains(current, sniffed(), true);
  }

  /** Where the listener binds, and the destinations its chains ask for when that is everywhere. */
  #place(
    service: Service,
    kind: 'http' | 'tcp' | 'auto',
    wish: string,
  ): { bind: string; extraBinds: readonly string[]; cidrs: readonly string[] } {
    if (wish !== '') return { bind: wish, extraBinds: [], cidrs: [] };
    if (kind === 'http') return { bind: WILDCARD_ADDRESS, extraBinds: [], cidrs: [] };
    const address = this.#addressOf(service);
    const extra = extraAddresses(service, this.#proxy.node.ips);
    return address.includes('/')
      ? { bind: WILDCARD_ADDRESS, extraBinds: [], cidrs: [address, ...extra] }
      : { bind: address, extraBinds: extra, cidrs: [] };
  }

  #http({ service, port, bind }: OutboundTarget, kind: 'http' | 'tcp' | 'auto'): ChainOptions {
    const isOwnAddress = kind === 'auto' && bind !== WILDCARD_ADDRESS;
    const rds = isOwnAddress ? `${service.host}:${port.port}` : String(port.port);
    return {
      http: {
        listenerClass: 'outbound',
        protocol: port.protocol,
        port: port.port,
        statPrefix: delimited(`outbound_${listenerName(bind, port.port)}`),
        rds: port.port === 0 ? bind : rds,
        headers: proxyHeaders(this.#proxy, 'outbound'),
      },
    };
  }

  get all(): Entry[] {
    return [...this.#entries.values()];
  }
}

const SNIFFED_HTTP = {
  applicationProtocols: PLAINTEXT_HTTP_ALPN,
  transportProtocol: 'raw_buffer',
};

/** MongoDB and MySQL speak in ways that no other protocol's chain may meet. */
function clashesOnWellKnownPort(incoming: Protocol, existing: Protocol): boolean {
  const special = (it: Protocol) => it === 'Mongo' || it === 'MySQL';
  return (special(incoming) || special(existing)) && incoming !== existing;
}

function joinChains(entry: Entry, incoming: readonly ChainOptions[], mixes: boolean): void {
  const chains = [...entry.chains];
  for (const chain of incoming) if (!chains.some((it) => sameMatch(it, chain))) chains.push(chain);
  entry.chains = chains;
  if (mixes) entry.protocol = 'UnsupportedProtocol';
}

function writeListener(proxy: Proxy, entry: Entry): Listener {
  const { bind, extraBinds, port } = entry;
  const chains: FilterChain[] = [];
  let fallback: FilterChain | undefined;
  for (const options of entry.chains) {
    const chain = writeChain(proxy, options, port.port);
    if (matchesAll(options)) fallback = chain;
    else chains.push({ ...chain, filter_chain_match: chainMatch(options)! });
  }
  const isOnlyFallback = fallback !== undefined && chains.length === 0;
  const sniffs = entry.chains.some(({ applicationProtocols }) => applicationProtocols?.length);
  const inspectors = [
    ...(entry.chains.some(({ sniHosts }) => sniHosts?.length) ? [TLS_INSPECTOR] : []),
    ...(sniffs ? [HTTP_INSPECTOR] : []),
  ];
  return {
    name: listenerName(bind, port.port),
    address: socketAddress(bind, port.port),
    ...(extraBinds.length > 0 && {
      additional_addresses: extraBinds.map((it) => ({ address: socketAddress(it, port.port) })),
    }),
    filter_chains: isOnlyFallback ? [fallback!] : chains,
    ...(!isOnlyFallback && {
      default_filter_chain: fallback ?? {
        name: 'PassthroughFilterChain',
        filter_chain_match: {},
        filters: catchAllTcpFilters(proxy),
      },
    }),
    ...(inspectors.length > 0 && { listener_filters: inspectors }),
    listener_filters_timeout: sniffs ? xdsDuration(proxy.push.mesh.protocolDetectionTimeout) : '0s',
    continue_on_listener_filters_timeout: true,
    traffic_direction: 'OUTBOUND',
    ...(entry.bindToPort
      ? { max_connections_to_accept_per_socket_event: 1 }
      : { bind_to_port: false }),
  };
}

export function socketAddress(bind: string, port: number) {
  if (bind.startsWith('unix://')) return { pipe: { path: bind.slice('unix://'.length) } };
  return { socket_address: { address: bind, ...(port > 0 && { port_value: port }) } };
}

function writeChain(proxy: Proxy, options: ChainOptions, port: number): FilterChain {
  const { http, filters = [], metadata, tlsContext, origin } = options;
  const chain: FilterChain = {
    filters: http
      ? [
          ...new ExtensionFilters(proxy, 'outbound', port, 'NETWORK').all(),
          httpConnectionManagerFilter(buildHttpConnectionManager(proxy, http)),
        ]
      : [...filters],
    ...(metadata && { metadata }),
    ...(tlsContext && { transport_socket: downstreamTlsSocket(tlsContext) }),
    ...TRANSPORT_SOCKET_CONNECT_TIMEOUT,
  };
  return withOrigin(chain, origin);
}
