/**
 * Models what a gateway proxy listens on: the servers of all Gateways that select it, joined by port.
 *
 * Spec: istio pilot/pkg/model/gateway.go, mergeGateways. Simplified: no HTTP/3.
 */
import type { Gateway, Server } from '../../istio/kinds/gateway.ts';
import { isHttp, parseProtocol } from '../../istio/protocol.ts';
import { namespaceOf, selects } from '../config.ts';
import { originIn, type Origin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';

export interface GatewayServer {
  readonly server: Server;
  /** "namespace/name" of its Gateway. */
  readonly gateway: string;
  readonly routeName: string;
  readonly origin: Origin;
}

/** One listener port: its servers in the order of their age. */
export interface GatewayPort {
  readonly number: number;
  readonly protocol: string;
  readonly bind: string;
  /** Of plain HTTP, whose servers share one route table. */
  readonly routeName: string;
  readonly servers: GatewayServer[];
}

export interface MergedGateway {
  readonly ports: readonly GatewayPort[];
  readonly byRouteName: ReadonlyMap<string, readonly GatewayServer[]>;
  readonly passesByName: boolean;
}

export function isPassthrough({ tls }: Server): boolean {
  return tls?.mode === 'PASSTHROUGH' || tls?.mode === 'AUTO_PASSTHROUGH';
}

export function terminatesHttps(server: Server): boolean {
  return parseProtocol(server.port.protocol) === 'HTTPS' && !!server.tls && !isPassthrough(server);
}

/** The part of "namespace/host" that is the host. */
export function hostOf(text: string): string {
  return text.slice(text.indexOf('/') + 1);
}

export function sniHosts({ hosts }: Server): string[] {
  return [...new Set(hosts.map(hostOf))].sort();
}

/** Undefined where no Gateway selects the proxy. Made once per proxy and push. */
export function mergedGateway(proxy: Proxy): MergedGateway | undefined {
  const cache = proxy.push.cache<Proxy, MergedGateway | undefined>('merged-gateway');
  if (!cache.has(proxy)) cache.set(proxy, merge(proxy));
  return cache.get(proxy);
}

function merge(proxy: Proxy): MergedGateway | undefined {
  const merger = new GatewayMerger();
  let isSelected = false;
  for (const gateway of proxy.push.configs('Gateway')) {
    const portsOf = servedPorts(gateway, proxy);
    if (!portsOf) continue;
    isSelected = true;
    for (const [index, server] of (gateway.spec.servers ?? []).entries())
      for (const port of portsOf(server.port.number)) merger.add(gateway, server, index, port);
  }
  return isSelected ? merger : undefined;
}

/** Names the Services behind a Gateway; the Gateway API's are told by it instead of by labels. */
export const GATEWAY_SERVICE_ANNOTATION = 'internal.istio.io/gateway-service';
const NO_TRANSLATION_LABEL = 'experimental.istio.io/disable-gateway-port-translation';

/**
 * Which ports of the pod a server's port means: the Service's port is translated to its target.
 * Undefined where the Gateway is not for this proxy.
 */
function servedPorts(
  gateway: Gateway,
  proxy: Proxy,
): ((port: number) => readonly number[]) | undefined {
  const named = gateway.metadata.annotations?.[GATEWAY_SERVICE_ANNOTATION];
  if (named !== undefined) {
    const hosts = named.split(',');
    const targets = proxy.targets.filter(
      ({ service }) => hosts.includes(service.host) && service.namespace === namespaceOf(gateway),
    );
    if (targets.length === 0) return undefined;
    return (number) => [
      ...new Set(
        targets.filter(({ port }) => port.port === number).map(({ targetPort }) => targetPort),
      ),
    ];
  }
  if (!selects(gateway.spec.selector, proxy.labels)) return undefined;
  return (number) => {
    const target = proxy.targets.find(
      ({ port, service }) => port.port === number && !(NO_TRANSLATION_LABEL in service.labels),
    );
    return [target?.targetPort ?? number];
  };
}

class GatewayMerger implements MergedGateway {
  readonly #ports = new Map<string, GatewayPort>();
  readonly #plain = new Map<number, GatewayPort>();
  readonly #taken = new Set<number>();
  readonly #tlsHosts = new Map<number, Map<string, string>>();
  readonly byRouteName = new Map<string, GatewayServer[]>();
  passesByName = false;

  get ports(): readonly GatewayPort[] {
    return [...this.#ports.values()];
  }

  add(gateway: Gateway, given: Server, index: number, port: number): void {
    const namespace = namespaceOf(gateway);
    const server = { ...given, hosts: given.hosts.map((host) => scopedHost(host, namespace)) };
    const entry: GatewayServer = {
      server,
      gateway: `${namespace}/${gateway.metadata.name}`,
      routeName: routeNameOf(server, port, gateway),
      origin: originIn(gateway, 'spec', 'servers', index),
    };
    if (server.tls && !this.#claimHosts(port, server)) return;
    if (server.tls?.mode === 'AUTO_PASSTHROUGH') this.passesByName = true;
    if (!this.#taken.has(port)) this.#open(port, entry);
    else if (this.#plain.has(port)) this.#joinPlain(port, entry);
    else this.#joinTls(port, entry);
  }

  /** Two TLS servers of a port cannot claim one host: the older has it. */
  #claimHosts(port: number, { hosts, bind = '' }: Server): boolean {
    let known = this.#tlsHosts.get(port);
    if (!known) this.#tlsHosts.set(port, (known = new Map()));
    if (hosts.some((host) => known.get(host) === bind)) return false;
    for (const host of hosts) known.set(host, bind);
    return true;
  }

  #open(port: number, entry: GatewayServer): void {
    this.#taken.add(port);
    const { server, routeName } = entry;
    const opened: GatewayPort = {
      number: port,
      protocol: server.port.protocol,
      bind: server.bind ?? '',
      routeName,
      servers: [entry],
    };
    this.#ports.set(keyOf(opened), opened);
    if (!isTlsServer(server)) this.#plain.set(port, opened);
    if (servesHttp(server)) this.byRouteName.set(routeName, [entry]);
  }

  #joinPlain(port: number, entry: GatewayServer): void {
    const current = this.#plain.get(port)!;
    const { server, routeName } = entry;
    const isSameBind = current.bind === (server.bind ?? '');
    const protocol = parseProtocol(server.port.protocol);
    const canMerge = isHttp(protocol) && isHttp(parseProtocol(current.protocol));
    if (isSameBind && (!canMerge || routeName === '')) return;
    if (!isSameBind) {
      const own = this.#ports.get(
        keyOf({ number: port, protocol: server.port.protocol, bind: server.bind ?? '' }),
      );
      if (!own) return this.#open(port, entry);
      own.servers.push(entry);
    } else current.servers.push(entry);
    this.byRouteName.set(routeName, [...(this.byRouteName.get(routeName) ?? []), entry]);
  }

  #joinTls(port: number, entry: GatewayServer): void {
    const { server, routeName } = entry;
    if (!isTlsServer(server)) return this.#open(port, entry);
    if (servesHttp(server)) {
      if (routeName === '' || this.byRouteName.has(routeName)) return;
      this.byRouteName.set(routeName, [entry]);
    }
    const place = { number: port, protocol: server.port.protocol, bind: server.bind ?? '' };
    const own = this.#ports.get(keyOf(place));
    if (own) own.servers.push(entry);
    else this.#ports.set(keyOf(place), { ...place, routeName, servers: [entry] });
  }
}

function keyOf(port: Pick<GatewayPort, 'number' | 'protocol' | 'bind'>): string {
  return `${port.number} ${port.protocol} ${port.bind}`;
}

/** "./host" is for the Gateway's own namespace; a star before the slash means all. */
function scopedHost(host: string, namespace: string): string {
  if (host.startsWith('./')) return `${namespace}/${host.slice(2)}`;
  return host.startsWith('*/') ? host.slice(2) : host;
}

function isTlsServer(server: Server): boolean {
  return !!server.tls && !isHttp(parseProtocol(server.port.protocol));
}

function servesHttp(server: Server): boolean {
  return isHttp(parseProtocol(server.port.protocol)) || terminatesHttps(server);
}

function routeNameOf(server: Server, port: number, { metadata }: Gateway): string {
  const bind = server.bind ? `.${server.bind}` : '';
  if (isHttp(parseProtocol(server.port.protocol))) return `http.${port}${bind}`;
  if (!terminatesHttps(server)) return '';
  const { number, name } = server.port;
  return `https.${number}.${name}.${metadata.name}.${metadata.namespace ?? ''}${bind}`;
}
