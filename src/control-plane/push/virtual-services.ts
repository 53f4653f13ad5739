/**
 * Models the index of VirtualServices: names resolved, delegates merged in, by gateway and namespace.
 *
 * Spec: istio pilot/pkg/model/{push_context,virtualservice,virtualservice_controller}.go.
 */
import type { Destination } from '../../istio/kinds/destination.ts';
import type { HttpRoute } from '../../istio/kinds/http-route.ts';
import type {
  RouteDestination,
  VirtualService,
  VirtualServiceSpec,
} from '../../istio/kinds/virtual-service.ts';
import { byAge, namespaceOf } from '../config.ts';
import { fullHostName } from '../host-name.ts';
import { originIn, withOrigin } from '../origin.ts';
import { mergeDelegates } from './delegates.ts';

export const MESH_GATEWAY = 'mesh';

export class VirtualServiceIndex {
  /** Oldest first, delegates left out. */
  readonly all: readonly VirtualService[];
  /** "namespace/gateway", or the gateway alone for what all namespaces see. */
  readonly #byGateway = new Map<string, VirtualService[]>();

  constructor(
    configs: readonly VirtualService[],
    domainSuffix: string,
    defaultExportTo: readonly string[],
  ) {
    const resolved = [...configs].sort(byAge).map((config) => resolveNames(config, domainSuffix));
    this.all = mergeDelegates(resolved, defaultExportTo);
    for (const config of this.all) this.#add(config, defaultExportTo);
  }

  /** What a proxy in `namespace` sees of a gateway's ("mesh" or "namespace/name"); private ones first. */
  forGateway(namespace: string, gateway: string): readonly VirtualService[] {
    const seen = [
      ...(this.#byGateway.get(`=${namespace} ${gateway}`) ?? []),
      ...(this.#byGateway.get(`>${namespace} ${gateway}`) ?? []),
    ];
    const common = this.#byGateway.get(gateway) ?? [];
    const isOwn = (it: VirtualService) => usesGatewaySemantics(it) && namespaceOf(it) === namespace;
    return [...seen, ...common.filter(isOwn), ...common.filter((it) => !isOwn(it))];
  }

  #add(config: VirtualService, defaultExportTo: readonly string[]): void {
    const namespace = namespaceOf(config);
    const gateways = gatewayNames(config.spec);
    const exportTo = config.spec.exportTo?.length ? config.spec.exportTo : defaultExportTo;
    const put = (key: string) => {
      const list = this.#byGateway.get(key);
      if (list) list.push(config);
      else this.#byGateway.set(key, [config]);
    };
    if (exportTo.includes('*')) return gateways.forEach(put);
    if (exportTo.includes('~')) return;
    const targets = new Set(exportTo.map((it) => (it === '.' ? namespace : it)));
    for (const target of targets)
      for (const gateway of gateways)
        put(`${target === namespace ? '=' : '>'}${target} ${gateway}`);
  }
}

export function gatewayNames(spec: VirtualServiceSpec): readonly string[] {
  return spec.gateways?.length ? spec.gateways : [MESH_GATEWAY];
}

/** Made from a Gateway API route: prefixes are path-separated and only own namespaces see it. */
export function usesGatewaySemantics(config: VirtualService): boolean {
  return config.metadata.annotations?.['internal.istio.io/route-semantics'] === 'gateway';
}

/** Hosts that routes send to, and the ports asked for there (0: any). */
export function destinationsOf(
  spec: VirtualServiceSpec,
  sourceNamespace?: string,
): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  const add = (destination: Destination | undefined) => {
    if (!destination) return;
    const ports = found.get(destination.host) ?? new Set();
    found.set(destination.host, ports.add(destination.port?.number ?? 0));
  };
  for (const route of spec.http ?? []) {
    if (sourceNamespace && !comesFrom(route, sourceNamespace)) continue;
    for (const { destination } of route.route ?? []) add(destination);
    add(route.mirror);
    for (const { destination } of route.mirrors ?? []) add(destination);
  }
  for (const { route } of [...(spec.tcp ?? []), ...(spec.tls ?? [])])
    for (const { destination } of route ?? []) add(destination);
  return found;
}

function comesFrom(route: HttpRoute, namespace: string): boolean {
  let matches = true;
  for (const { sourceNamespace } of route.match ?? []) {
    if (!sourceNamespace) continue;
    if (sourceNamespace === namespace) return true;
    matches = false;
  }
  return matches;
}

function resolveNames(config: VirtualService, domainSuffix: string): VirtualService {
  const namespace = namespaceOf(config);
  const full = (host: string) => fullHostName(host, namespace, domainSuffix);
  const destination = (it: Destination): Destination =>
    it.host ? { ...it, host: full(it.host) } : it;
  const routeTo = <T extends RouteDestination>(it: T): T => ({
    ...it,
    destination: destination(it.destination),
  });
  const gateways = (names: readonly string[] | undefined) =>
    names?.map((name) => gatewayFullName(name, namespace, domainSuffix));
  const matches = <T extends { readonly gateways?: readonly string[] }>(list: readonly T[]) =>
    list.map((it) => (it.gateways ? { ...it, gateways: gateways(it.gateways) } : it));
  const { spec } = config;
  const http = spec.http?.map((route, index) =>
    withOrigin(
      {
        ...route,
        ...(route.match && { match: matches(route.match) }),
        ...(route.route && { route: route.route.map(routeTo) }),
        ...(route.mirror && { mirror: destination(route.mirror) }),
        ...(route.mirrors && {
          mirrors: route.mirrors.map((it) => ({ ...it, destination: destination(it.destination) })),
        }),
      } as HttpRoute,
      originIn(config, 'spec', 'http', index),
    ),
  );
  const l4 = <T extends { match?: readonly object[]; route?: readonly RouteDestination[] }>(
    it: T,
  ) => ({
    ...it,
    ...(it.match && { match: matches(it.match) }),
    ...(it.route && { route: it.route.map(routeTo) }),
  });
  return {
    ...config,
    spec: {
      ...spec,
      ...(spec.hosts && { hosts: spec.hosts.map(full) }),
      ...(spec.gateways && { gateways: gateways(spec.gateways)! }),
      ...(http && { http }),
      ...(spec.tcp && { tcp: spec.tcp.map(l4) }),
      ...(spec.tls && { tls: spec.tls.map(l4) }),
    },
  };
}

/** "gw" → "default/gw"; "gw.other" and "gw.other.svc.cluster.local" → "other/gw". */
function gatewayFullName(name: string, namespace: string, domainSuffix: string): string {
  if (name === MESH_GATEWAY || name.includes('/')) return name;
  if (!name.includes('.')) return `${namespace}/${name}`;
  const suffix = `.svc.${domainSuffix}`;
  const short = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  const [first = '', ...rest] = short.split('.');
  return `${rest.join('.')}/${first}`;
}
