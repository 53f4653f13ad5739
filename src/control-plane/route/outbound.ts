/**
 * Models the route tables of a sidecar's outbound listeners: a virtual host a service.
 *
 * Spec: istio pilot/pkg/networking/core/httproute.go, buildSidecarOutboundHTTPRouteConfig.
 */
import { isWildcard, hostWithin } from '../../istio/host-name.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import { parseProtocol } from '../../istio/protocol.ts';
import type { RouteConfiguration, VirtualHost } from '../../xds/resources/route-configuration.ts';
import type { Route } from '../../xds/resources/route.ts';
import { namespaceOf } from '../config.ts';
import { proxyHeaders } from '../listener/proxy-headers.ts';
import { outboundClusterName, PASSTHROUGH_CLUSTER } from '../names.ts';
import { originIn, withOrigin } from '../origin.ts';
import { patchRouteConfiguration } from '../patch/route-patches.ts';
import type { Proxy } from '../proxy.ts';
import type { EgressScope } from '../push/sidecar-scope.ts';
import { usesGatewaySemantics } from '../push/virtual-services.ts';
import { bracketed } from '../registry/ip-address.ts';
import { isHttpOrSniffed } from '../registry/protocol-selection.ts';
import { servicePort, type Service } from '../registry/service.ts';
import { defaultOutboundRoute, traceOperation } from './default-routes.ts';
import { destinationCluster } from './destination.ts';
import { hashOfService, hashPolicy } from './hash-policy.ts';
import { serviceDomains } from './virtual-host-domains.ts';
import { virtualServiceRoutes } from './virtual-service.ts';

export const HTTP_PROXY_ROUTE = 'http_proxy';
const DIRECT_RESPONSE_BYTES_MAX = 1024 * 1024;
const MESH: ReadonlySet<string> = new Set(['mesh']);

/** "9080", "host:9080" for a sniffed port, "http_proxy", or a socket's path. */
export function outboundRouteConfig(proxy: Proxy, name: string): RouteConfiguration {
  const isSocket = name.startsWith('unix://');
  const isSniffed = !isSocket && name.includes(':');
  const port = isSocket ? 0 : Number(name.slice(name.indexOf(':') + 1));
  if (Number.isNaN(port) && name !== HTTP_PROXY_ROUTE)
    return { name, virtual_hosts: [], validate_clusters: false };
  const hosts = virtualHosts(proxy, name, Number.isNaN(port) ? 0 : port);
  return patchRouteConfiguration(proxy, 'SIDECAR_OUTBOUND', {
    name,
    virtual_hosts: isSniffed
      ? onlyHost(hosts, name)
      : [...[...hosts].sort((a, b) => (a.name < b.name ? -1 : 1)), catchAllHost(proxy)],
    validate_clusters: false,
    max_direct_response_body_size_bytes: DIRECT_RESPONSE_BYTES_MAX,
    ignore_port_in_host_matching: true,
  });
}

/** A listener on a service's own address has one virtual host, whatever the Host header says. */
function onlyHost(hosts: readonly VirtualHost[], name: string): VirtualHost[] {
  const host = name.slice(0, name.lastIndexOf(':'));
  const found = hosts.filter(({ domains }) => domains.includes(name) || domains.includes(host));
  return found.length === 1 ? [{ ...found[0]!, domains: ['*'] }] : found;
}

interface HostGroup {
  readonly port: number;
  readonly services: readonly Service[];
  readonly hosts: readonly string[];
  readonly routes: Route[];
  readonly config?: VirtualService;
}

function virtualHosts(proxy: Proxy, name: string, listenPort: number): VirtualHost[] {
  const scope = proxy.scope.egressForPort(listenPort, name);
  if (!scope) return [];
  const isProxyPort = parseProtocol(scope.listener?.port?.protocol) === 'HTTP_PROXY';
  const port = isProxyPort ? 0 : listenPort;
  const services = servicesOnPort(scope, port);
  const groups = hostGroups(proxy, scope, services, port);
  return new VirtualHostBuilder(proxy, port, groups).build();
}

function servicesOnPort(scope: EgressScope, port: number): Map<string, Service> {
  const found = new Map<string, Service>();
  for (const service of scope.services) {
    const own = servicePort(service, port);
    if (port === 0) found.set(service.host, service);
    else if (own) found.set(service.host.toLowerCase(), { ...service, ports: [own] });
  }
  return found;
}

function hostGroups(
  proxy: Proxy,
  scope: EgressScope,
  services: Map<string, Service>,
  port: number,
): HostGroup[] {
  const configs =
    port === 80
      ? scope.virtualServices
      : scope.virtualServices.filter((config) => mentions(config, services));
  const groups = configs.flatMap((config) => groupsOf(config, proxy, scope, services, port));
  const taken = new Set(groups.flatMap((group) => group.services.map(({ host }) => host)));
  for (const service of services.values()) {
    if (taken.has(service.host) || service.resolution === 'ALIAS') continue;
    for (const own of service.ports) {
      if (!isHttpOrSniffed(own.protocol)) continue;
      const route = defaultOutboundRoute(
        outboundClusterName('', service.host, own.port),
        traceOperation(service.host, own.port),
        proxy.push.mesh.defaultHttpRetryPolicy,
        hashPolicy(hashOfService(proxy, service.host, own.port)),
      );
      withOrigin(route, service.origin);
      groups.push({ port: own.port, services: [service], hosts: [], routes: [route] });
    }
  }
  return groups;
}

function mentions(config: VirtualService, services: ReadonlyMap<string, Service>): boolean {
  return (config.spec.hosts ?? []).some((given) => {
    const host = given.toLowerCase();
    if (services.has(host)) return true;
    for (const name of services.keys())
      if (isWildcard(host) ? hostWithin(name, host) : isWildcard(name) && hostWithin(host, name))
        return true;
    return false;
  });
}

function groupsOf(
  config: VirtualService,
  proxy: Proxy,
  scope: EgressScope,
  services: ReadonlyMap<string, Service>,
  port: number,
): HostGroup[] {
  const routes = virtualServiceRoutes(config, {
    proxy,
    listenPort: port,
    gateways: MESH,
    isTls: false,
    lookupService: (host) => services.get(host),
  });
  if (routes.length === 0) return [];
  const { hosts, matching } = separateHosts(config, scope, services);
  if (usesGatewaySemantics(config)) {
    const own = namespaceOf(config);
    const isSeen = matching.some((it) => it.namespace === own || proxy.node.namespace === own);
    if (!isSeen) return [];
  }
  const byPort = new Map<number, Service[]>();
  for (const service of matching)
    for (const own of service.ports)
      if (isHttpOrSniffed(own.protocol))
        byPort.set(own.port, [...(byPort.get(own.port) ?? []), service]);
  if (byPort.size === 0 && port === 80) byPort.set(80, []);
  return [...byPort].map(([at, found]) => ({ port: at, services: found, hosts, routes, config }));
}

/** Hosts that are services, and those that are not: these exist on port 80 alone. */
function separateHosts(
  config: VirtualService,
  scope: EgressScope,
  services: ReadonlyMap<string, Service>,
): { hosts: string[]; matching: Service[] } {
  const hosts: string[] = [];
  const matching: Service[] = [];
  for (const host of config.spec.hosts ?? []) {
    if (isWildcard(host)) continue;
    const service = services.get(host.toLowerCase());
    if (service) matching.push(service);
    else hosts.push(host);
  }
  for (const given of config.spec.hosts ?? []) {
    const pattern = given.toLowerCase();
    if (!isWildcard(pattern)) continue;
    const covered = usesGatewaySemantics(config)
      ? []
      : [...services.values()].filter(({ host }) => hostWithin(host, pattern));
    matching.push(...covered.filter(({ host }) => scope.closestVirtualService(host) === config));
    if (covered.length === 0) hosts.push(pattern);
  }
  return { hosts, matching };
}

/** Names and domains are unique in a table: what comes first keeps them. */
class VirtualHostBuilder {
  readonly #proxy: Proxy;
  readonly #listenPort: number;
  readonly #groups: readonly HostGroup[];
  readonly #names = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #fullNames = new Set<string>();
  readonly #includeAttemptCount: boolean;

  constructor(proxy: Proxy, listenPort: number, groups: readonly HostGroup[]) {
    this.#proxy = proxy;
    this.#listenPort = listenPort;
    this.#groups = groups;
    this.#includeAttemptCount = proxyHeaders(proxy, 'outbound').includeAttemptCount;
    for (const { services, port } of groups)
      for (const { host } of services) this.#fullNames.add(host).add(`${bracketed(host)}:${port}`);
  }

  build(): VirtualHost[] {
    const byPort = new Map<number, VirtualHost[]>();
    for (const group of this.#groups) {
      const made = [
        ...group.hosts.map((host) => this.#host(host.toLowerCase(), group, undefined)),
        ...group.services.map((service) => this.#host(service.host, group, service)),
      ].filter((it): it is VirtualHost => it !== undefined);
      byPort.set(group.port, [...(byPort.get(group.port) ?? []), ...made]);
    }
    return this.#listenPort === 0 ? mergePorts(byPort) : (byPort.get(this.#listenPort) ?? []);
  }

  #host(host: string, group: HostGroup, service: Service | undefined): VirtualHost | undefined {
    const name = `${bracketed(host)}:${group.port}`;
    if (this.#names.has(name)) return undefined;
    this.#names.add(name);
    const port = this.#listenPort === 0 ? group.port : 0;
    const wanted = service
      ? serviceDomains(service, this.#proxy, port)
      : { all: [bracketed(host)], short: new Set<string>() };
    const domains = wanted.all.filter((domain) => {
      const key = domain.toLowerCase();
      if (this.#domains.has(key)) return false;
      if (wanted.short.has(domain) && this.#fullNames.has(domain)) return false;
      this.#domains.add(key);
      return true;
    });
    if (domains.length === 0) return undefined;
    return withOrigin(
      {
        name,
        domains,
        routes: group.routes,
        ...(this.#includeAttemptCount && { include_request_attempt_count: true }),
      },
      group.config ? originIn(group.config, 'spec', 'hosts') : service?.origin,
    );
  }
}

/** The HTTP proxy's table serves all ports: only port 80's domains may go without a port. */
function mergePorts(byPort: ReadonlyMap<number, readonly VirtualHost[]>): VirtualHost[] {
  return [...byPort].flatMap(([port, hosts]) => {
    if (port === 80) return hosts;
    return hosts
      .map((host) => ({ ...host, domains: host.domains.filter((it) => it.includes(':')) }))
      .filter(({ domains }) => domains.length > 0);
  });
}

/** What no virtual host knows goes where the client meant it, or nowhere. */
function catchAllHost(proxy: Proxy): VirtualHost {
  const { mode, egressProxy } = proxy.scope.outboundTrafficPolicy;
  const includes = proxyHeaders(proxy, 'outbound').includeAttemptCount;
  const isOpen = mode === 'ALLOW_ANY';
  const name = isOpen ? 'allow_any' : 'block_all';
  const cluster = egressProxy ? destinationCluster(egressProxy, undefined, 0) : PASSTHROUGH_CLUSTER;
  return {
    name,
    domains: ['*'],
    routes: [
      {
        name,
        match: { prefix: '/' },
        ...(isOpen
          ? { route: { cluster, timeout: '0s', max_grpc_timeout: '0s' } }
          : { direct_response: { status: 502 } }),
      },
    ],
    ...(includes && { include_request_attempt_count: true }),
  };
}
