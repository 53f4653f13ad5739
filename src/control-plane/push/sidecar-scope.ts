/**
 * Models what a namespace's (or workload's) sidecars can see: services, VirtualServices and
 * DestinationRules that a Sidecar document imports; everything without one.
 *
 * Spec: istio pilot/pkg/model/sidecar.go.
 */
import { hostWithin, hostsOverlap } from '../../istio/host-name.ts';
import type { EgressListener, OutboundTrafficPolicy, Sidecar } from '../../istio/kinds/sidecar.ts';
import type { DestinationRule } from '../../istio/kinds/destination-rule.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import { parseProtocol } from '../../istio/protocol.ts';
import { namespaceOf, selects } from '../config.ts';
import { HostIndex } from '../host-name.ts';
import type { Service } from '../registry/service.ts';
import type { MergedRule } from './destination-rules.ts';
import type { PushContext } from './push-context.ts';
import { destinationsOf, MESH_GATEWAY, usesGatewaySemantics } from './virtual-services.ts';

export interface EgressScope {
  /** Undefined where no Sidecar says anything. */
  readonly listener: EgressListener | undefined;
  readonly services: readonly Service[];
  readonly virtualServices: readonly VirtualService[];
  /** The VirtualService whose pattern is closest to a service's host. */
  readonly closestVirtualService: (host: string) => VirtualService | undefined;
}

export class SidecarScope {
  readonly namespace: string;
  /** Scopes of one key see the same. */
  readonly key: string;
  readonly sidecar: Sidecar | undefined;
  readonly egress: readonly EgressScope[];
  readonly services: readonly Service[];
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
  readonly #byHost = new Map<string, Service>();
  readonly #rules = new Map<string, readonly MergedRule[]>();

  constructor(push: PushContext, namespace: string, sidecar: Sidecar | undefined) {
    this.namespace = namespace;
    this.sidecar = sidecar;
    this.key = scopeKey(namespace, sidecar);
    this.outboundTrafficPolicy =
      sidecar?.spec.outboundTrafficPolicy ?? push.mesh.outboundTrafficPolicy ?? {};
    const listeners = sidecar?.spec.egress?.length ? sidecar.spec.egress : undefined;
    this.egress = listeners?.map((it) => importedBy(push, namespace, it)) ?? [
      everything(push, namespace),
    ];
    const services = new ServiceList();
    for (const scope of this.egress) {
      for (const service of scope.services) services.add(service);
      for (const config of scope.virtualServices)
        addDestinations(push, namespace, scope, config, services);
    }
    this.services = services.list;
    for (const service of this.services) {
      this.#byHost.set(service.host, service);
      const rules = push.destinationRules.lookup(namespace, service);
      if (rules.length > 0) this.#rules.set(service.host, rules);
    }
  }

  service(host: string): Service | undefined {
    return this.#byHost.get(host);
  }

  /** The DestinationRule a proxy with these labels uses towards `host`. */
  destinationRule(
    host: string,
    labels: Readonly<Record<string, string>>,
    direction: 'outbound' | 'inbound' = 'outbound',
  ): DestinationRule | undefined {
    let common: DestinationRule | undefined;
    for (const { rule } of this.#rules.get(host) ?? []) {
      const selector = rule.spec.workloadSelector;
      if (!selector) common = rule;
      else if (
        direction === 'outbound' &&
        namespaceOf(rule) === this.namespace &&
        selects(selector.matchLabels, labels)
      )
        return rule;
    }
    return common;
  }

  get hasIngress(): boolean {
    return (this.sidecar?.spec.ingress?.length ?? 0) > 0;
  }

  /** The egress listener that answers for a route configuration of that port. */
  egressForPort(port: number, bind: string): EgressScope | undefined {
    return this.egress.find(({ listener }) => {
      if (!listener?.port) return true;
      if (listener.port.number !== port) return false;
      return port !== 0 || listener.bind === bind;
    });
  }
}

export function scopeKey(namespace: string, sidecar: Sidecar | undefined): string {
  return `${namespace} ${sidecar ? `${namespaceOf(sidecar)}/${sidecar.metadata.name}` : ''}`;
}

/** Services by host; of one host the Kubernetes one wins, and ports of the same kind are joined. */
class ServiceList {
  readonly list: Service[] = [];
  readonly #index = new Map<string, number>();

  add(service: Service): void {
    const at = this.#index.get(service.host);
    if (at === undefined) {
      this.#index.set(service.host, this.list.push(service) - 1);
      return;
    }
    const existing = this.list[at]!;
    if (existing === service) return;
    if (existing.registry !== service.registry) {
      if (service.registry === 'Kubernetes') this.list[at] = service;
      return;
    }
    if (!canMerge(existing, service)) return;
    const added = service.ports.filter(
      (it) => !existing.ports.some(({ port }) => port === it.port),
    );
    if (added.length > 0) this.list[at] = { ...existing, ports: [...existing.ports, ...added] };
  }
}

function canMerge(a: Service, b: Service): boolean {
  const same = (x: unknown, y: unknown) => JSON.stringify(x) === JSON.stringify(y);
  return (
    a.namespace === b.namespace &&
    a.resolution === b.resolution &&
    same(a.labels, b.labels) &&
    same(a.selector, b.selector) &&
    same(a.exportTo, b.exportTo)
  );
}

function everything(push: PushContext, namespace: string): EgressScope {
  return importedBy(push, namespace, { hosts: ['*/*'] }, true);
}

function importedBy(
  push: PushContext,
  namespace: string,
  listener: EgressListener,
  isImplicit = false,
): EgressScope {
  const hosts = new Map<string, string[]>();
  for (const entry of listener.hosts) {
    const [where = '', host = ''] = entry.split('/');
    const owner = where === '.' ? namespace : where;
    hosts.set(owner, [...(hosts.get(owner) ?? []), host]);
  }
  const virtualServices = push.virtualServices
    .forGateway(namespace, MESH_GATEWAY)
    .filter((config) => importsVirtualService(config, hosts, namespace));
  const services = onePerHost(
    push.servicesVisibleIn(namespace).flatMap((service) => imported(service, hosts, listener)),
    namespace,
  );
  return {
    listener: isImplicit ? undefined : listener,
    services,
    virtualServices,
    closestVirtualService: closest(virtualServices),
  };
}

function importsVirtualService(
  config: VirtualService,
  hosts: ReadonlyMap<string, readonly string[]>,
  namespace: string,
): boolean {
  const owner = namespaceOf(config);
  const isGatewayApi = usesGatewaySemantics(config);
  if (isGatewayApi && owner !== namespace && !hosts.has(owner) && !hosts.has('*')) return false;
  const wanted = [...(hosts.get(owner) ?? []), ...(hosts.get('*') ?? [])];
  return (config.spec.hosts ?? []).some((host) =>
    wanted.some((want) => (isGatewayApi ? hostWithin(host, want) : hostsOverlap(host, want))),
  );
}

function imported(
  service: Service,
  hosts: ReadonlyMap<string, readonly string[]>,
  listener: EgressListener,
): Service[] {
  for (const wanted of [hosts.get(service.namespace), hosts.get('*')]) {
    if (!wanted?.some((want) => hostWithin(service.host, want))) continue;
    const matched = onListenerPort(service, listener);
    if (!matched) continue;
    const aliases = matched.aliases.filter((it) => wanted.some((want) => hostWithin(it, want)));
    return [aliases.length === matched.aliases.length ? matched : { ...matched, aliases }];
  }
  return [];
}

function needsPort({ port }: EgressListener): boolean {
  return !!port?.number && parseProtocol(port.protocol) !== 'HTTP_PROXY';
}

/** A listener with a port imports only that port of a service. */
function onListenerPort(service: Service, listener: EgressListener): Service | undefined {
  if (!needsPort(listener)) return service;
  const port = service.ports.find((it) => it.port === listener.port?.number);
  if (!port) return undefined;
  return service.ports.length === 1 ? service : { ...service, ports: [port] };
}

/** Of several namespaces that declare one host: the own one, then Kubernetes' own, then the first. */
function onePerHost(services: readonly Service[], namespace: string): Service[] {
  const chosen = new Map<string, Service>();
  for (const service of services) {
    const existing = chosen.get(service.host);
    const isBetter =
      !existing ||
      service.namespace === namespace ||
      (existing.registry !== 'Kubernetes' &&
        service.registry === 'Kubernetes' &&
        existing.namespace !== namespace);
    if (isBetter) chosen.set(service.host, service);
  }
  return services.filter((it) => chosen.get(it.host)?.namespace === it.namespace);
}

function closest(configs: readonly VirtualService[]): EgressScope['closestVirtualService'] {
  const index = new HostIndex<VirtualService>();
  for (const config of configs)
    for (const host of config.spec.hosts ?? [])
      if (index.get(host) === undefined) index.set(host, config);
  return (host) => index.mostSpecific(host);
}

/** What imported VirtualServices send to is imported as well. */
function addDestinations(
  push: PushContext,
  namespace: string,
  { listener }: EgressScope,
  config: VirtualService,
  services: ServiceList,
): void {
  for (const [host, ports] of destinationsOf(config.spec, namespace)) {
    const service = push.serviceForNamespace(host, namespace);
    if (!service) continue;
    const matched =
      listener && needsPort(listener)
        ? onListenerPort(service, listener)
        : withPorts(service, ports);
    if (matched) services.add(matched);
  }
}

function withPorts(service: Service, ports: ReadonlySet<number>): Service | undefined {
  if (ports.size === 0 || ports.has(0)) return service;
  const found = service.ports.filter(({ port }) => ports.has(port));
  if (found.length === service.ports.length) return service;
  return found.length > 0 ? { ...service, ports: found } : undefined;
}
