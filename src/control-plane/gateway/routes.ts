/**
 * Models a gateway's route tables: VirtualServices of one host are joined, oldest first.
 *
 * Spec: istio pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig.
 */
import { hostWithin, isWildcard } from '../../istio/host-name.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import type { RouteConfiguration, VirtualHost } from '../../xds/resources/route-configuration.ts';
import type { Route } from '../../xds/resources/route.ts';
import { compare, namespaceOf } from '../config.ts';
import { proxyHeaders } from '../listener/proxy-headers.ts';
import { originIn, withOrigin } from '../origin.ts';
import { patchRouteConfiguration } from '../patch/route-patches.ts';
import type { Proxy } from '../proxy.ts';
import type { Service } from '../registry/service.ts';
import { isCatchAll } from '../route/match.ts';
import { virtualServiceRoutes } from '../route/virtual-service.ts';
import { mergedGateway, type GatewayServer } from './merged-gateway.ts';

const DIRECT_RESPONSE_BYTES_MAX = 1024 * 1024;

export function gatewayRouteConfig(proxy: Proxy, name: string): RouteConfiguration {
  const servers = mergedGateway(proxy)?.byRouteName.get(name);
  if (!servers?.[0]) return { name, virtual_hosts: [], validate_clusters: false };
  const hosts = new GatewayHosts(proxy);
  for (const server of servers) hosts.addServer(server);
  return patchRouteConfiguration(proxy, 'GATEWAY', {
    name,
    virtual_hosts: hosts.build(servers[0].server.port.number),
    validate_clusters: false,
    ignore_port_in_host_matching: true,
    max_direct_response_body_size_bytes: DIRECT_RESPONSE_BYTES_MAX,
  });
}

class GatewayHosts {
  readonly #proxy: Proxy;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #routes = new Map<string, Route[]>();
  readonly #includesAttemptCount: boolean;

  constructor(proxy: Proxy) {
    this.#proxy = proxy;
    this.#includesAttemptCount = proxyHeaders(proxy, 'gateway').includeAttemptCount;
  }

  addServer(entry: GatewayServer): void {
    const { server, gateway } = entry;
    const redirects = server.tls?.httpsRedirect === true;
    const port = server.port.number;
    const configs = this.#proxy.push.virtualServices.forGateway(
      this.#proxy.node.namespace,
      gateway,
    );
    for (const config of configs) {
      const hosts = intersection(
        hostsFor(server.hosts, namespaceOf(config)),
        config.spec.hosts ?? [],
      );
      if (hosts.length === 0) continue;
      const routes = this.#routesOf(config, entry);
      if (routes.length === 0) continue;
      for (const given of hosts) {
        const host = given.toLowerCase();
        const existing = this.#hosts.get(host);
        const made =
          existing ?? withOrigin(this.#emptyHost(host, port), originIn(config, 'spec', 'hosts'));
        made.routes = [...(made.routes ?? []), ...routes];
        if (redirects) made.require_tls = 'ALL';
        this.#hosts.set(host, made);
      }
    }
    if (redirects) for (const host of server.hosts) this.#requireTls(host.toLowerCase(), entry);
  }

  /** The same host on the same gateway keeps the routes it got first: ports differ, routes do not. */
  #routesOf(config: VirtualService, { server, gateway }: GatewayServer): Route[] {
    const key = `${gateway} ${config.metadata.name}/${namespaceOf(config)}`;
    let routes = this.#routes.get(key);
    if (!routes) {
      routes = virtualServiceRoutes(config, {
        proxy: this.#proxy,
        listenPort: server.port.number,
        gateways: new Set([gateway]),
        isTls: server.tls !== undefined,
        lookupService: (host) => this.#service(host, namespaceOf(config)),
      });
      if (routes.length > 0) this.#routes.set(key, routes);
    }
    return routes;
  }

  #service(host: string, namespace: string): Service | undefined {
    const { push, node, scope } = this.#proxy;
    const own = push.registry.byHost.get(host)?.get(namespace);
    return own && push.isVisible(own, node.namespace) ? own : scope.service(host);
  }

  #emptyHost(host: string, port: number): VirtualHost {
    return {
      name: `${host}:${port}`,
      domains: [host],
      ...(this.#includesAttemptCount && { include_request_attempt_count: true }),
    };
  }

  /** A server that redirects to HTTPS does so for hosts without routes as well. */
  #requireTls(host: string, { server, origin }: GatewayServer): void {
    const made =
      this.#hosts.get(host) ?? withOrigin(this.#emptyHost(host, server.port.number), origin);
    made.require_tls = 'ALL';
    this.#hosts.set(host, made);
  }

  build(port: number): VirtualHost[] {
    if (this.#hosts.size === 0) return [{ name: `blackhole:${port}`, domains: ['*'] }];
    const joined = joinEqual([...this.#hosts].sort(([a], [b]) => longestFirst(a, b)));
    for (const host of joined) if (host.routes) host.routes = catchAllsLast(host.routes);
    return joined.sort((a, b) => compare(a.name, b.name));
  }
}

/** Hosts with the same routes share a virtual host, under the first one's name. */
function joinEqual(hosts: readonly (readonly [string, VirtualHost])[]): VirtualHost[] {
  const kept: VirtualHost[] = [];
  for (const [, host] of hosts) {
    const twin = kept.find(
      (it) =>
        it.require_tls === host.require_tls &&
        (it.routes ?? []).length === (host.routes ?? []).length &&
        (it.routes ?? []).every((route, at) => route === host.routes![at]),
    );
    if (twin) twin.domains.push(...host.domains);
    else kept.push(host);
  }
  return kept;
}

function catchAllsLast(routes: readonly Route[]): Route[] {
  return [...routes.filter((it) => !isCatchAll(it)), ...routes.filter(isCatchAll)];
}

function longestFirst(a: string, b: string): number {
  return Number(isWildcard(a)) - Number(isWildcard(b)) || b.length - a.length || compare(a, b);
}

/** A server's hosts for VirtualServices of one namespace. */
function hostsFor(hosts: readonly string[], namespace: string): string[] {
  return hosts.flatMap((host) => {
    const [owner, name] = host.includes('/') ? host.split('/') : [namespace, host];
    return owner === namespace ? [name!] : [];
  });
}

/** Of each pair that overlaps the narrower name. */
function intersection(servers: readonly string[], wanted: readonly string[]): string[] {
  const found = new Set<string>();
  for (const server of servers)
    for (const host of wanted)
      if (hostWithin(server, host)) found.add(server);
      else if (hostWithin(host, server)) found.add(host);
  return [...found];
}
