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
  const gateways = proxy.push
    .configs('Gateway')
    .filter(({ spec }) => selects(spec.selector, proxy.labels));
  if (gateways.length === 0) return undefined;
  const merger = new GatewayMerger(proxy);
  for (const gateway of gateways)
    for (const [index, server] of (gateway.spec.servers ?? []).entries())
      merger.add(gateway, server, index);
  return merger;
}

class GatewayMerger implements MergedGateway {
  readonly #proxy: Proxy;
  readonly #ports = new Map<string, GatewayPort>();
  readonly #plain = new Map<number, GatewayPort>();
  readonly #taken = new Set<number>();
  readonly #tlsHosts = new Map<number, Map<string, string>>();
  readonly byRouteName = new Map<string, GatewayServer[]>();
  passesByName = false;

  constructor(proxy: Proxy) {
    this.#proxy = proxy;
  }

  get ports(): readonly GatewayPort[] {
    return [...this.#ports.values()];
  }

  add(gateway: Gateway, given: Server, index: number): void {
    const namespace = namespaceOf(gateway);
    const server = { ...given, hosts: given.hosts.map((host) => scopedHost(host, namespace)) };
    const port = this.#targetPort(server.port.number);
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

  /** Gateways speak of the service's port; the pod listens on its target. */
  #targetPort(port: number): number {
    return this.#proxy.targets.find((it) => it.port.port === port)?.targetPort ?? port;
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
