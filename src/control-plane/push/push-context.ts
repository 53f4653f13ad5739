/**
 * Models one state of the world, indexed once for all proxies: istiod's PushContext.
 *
 * Spec: istio pilot/pkg/model/push_context.go.
 */
import { isKind, type IstioKind, type IstioKinds } from '../../istio/kinds/kinds.ts';
import type { Gateway } from '../../istio/kinds/gateway.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { byAge, namespaceOf, selects } from '../config.ts';
import type { ConfigChange } from '../discovery/config-generator.ts';
import type { ProxyNode } from '../discovery/proxy-node.ts';
import type { Environment } from '../environment.ts';
import { DEFAULT_FEATURES, type Features } from '../features.ts';
import { convertGatewayApi, type ConvertedConfigs } from '../gateway-api/convert.ts';
import { resolveMeshConfig, type Mesh } from '../mesh-config.ts';
import { KubeIndex } from '../registry/kube-index.ts';
import { Registry } from '../registry/registry.ts';
import type { Service } from '../registry/service.ts';
import { DestinationRuleIndex } from './destination-rules.ts';
import { PeerAuthentications } from './peer-authentications.ts';
import { Pieces } from './pieces.ts';
import { scopeKey, SidecarScope } from './sidecar-scope.ts';
import { VirtualServiceIndex } from './virtual-services.ts';

export class PushContext {
  readonly environment: Environment;
  readonly mesh: Mesh;
  readonly features: Features;
  readonly domainSuffix: string;
  readonly kube: KubeIndex;
  readonly registry: Registry;
  readonly virtualServices: VirtualServiceIndex;
  readonly destinationRules: DestinationRuleIndex;
  readonly peerAuthentications: PeerAuthentications;
  /** Resources that proxies share. */
  readonly pieces: Pieces;
  /** VirtualServices that have, or once had, routes of TCP or TLS: listeners show those. */
  readonly streamRoutes: ReadonlySet<string>;
  readonly #configs = new Map<IstioKind, readonly IstioKinds[IstioKind][]>();
  #gatewayApi: ConvertedConfigs | undefined;
  readonly #visible = new Map<string, readonly Service[]>();
  readonly #scopes = new Map<string, SidecarScope>();
  readonly #caches = new Map<string, Map<unknown, unknown>>();

  /** `previous`: what it knows and this cannot differ in is taken over. */
  constructor(environment: Environment, previous?: PushContext, keepsRegistry = false) {
    this.environment = environment;
    this.mesh = resolveMeshConfig(environment.meshConfig);
    this.features = environment.features ?? DEFAULT_FEATURES;
    this.domainSuffix = environment.domainSuffix ?? 'cluster.local';
    const { mesh, domainSuffix } = this;
    if (previous && keepsRegistry) {
      this.kube = previous.kube;
      this.registry = previous.registry;
    } else {
      this.kube = new KubeIndex(environment.objects);
      this.registry = new Registry({
        kube: this.kube,
        serviceEntries: this.configs('ServiceEntry'),
        workloadEntries: this.configs('WorkloadEntry'),
        mesh,
      });
    }
    this.virtualServices = new VirtualServiceIndex(
      this.configs('VirtualService'),
      domainSuffix,
      mesh.defaultVirtualServiceExportTo,
    );
    this.destinationRules = new DestinationRuleIndex(
      this.configs('DestinationRule'),
      domainSuffix,
      mesh.rootNamespace,
      mesh.defaultDestinationRuleExportTo,
    );
    this.peerAuthentications = new PeerAuthentications(
      this.configs('PeerAuthentication'),
      mesh.rootNamespace,
    );
    this.pieces = new Pieces(previous?.pieces);
    this.streamRoutes = new Set([
      ...(previous?.streamRoutes ?? []),
      ...this.virtualServices.all.filter(hasStreamRoutes).map(nameOf),
    ]);
  }

  /** All documents of a kind, oldest first. */
  configs<Kind extends IstioKind>(kind: Kind): readonly IstioKinds[Kind][] {
    let found = this.#configs.get(kind);
    if (!found) {
      found = [...this.environment.objects].filter((it): it is KubeObject & IstioKinds[Kind] =>
        isKind(it, kind),
      );
      found = [...found, ...this.#converted(kind)].sort(byAge);
      this.#configs.set(kind, found);
    }
    return found as readonly IstioKinds[Kind][];
  }

  /** What the Gateway API says in Istio's own kinds. */
  #converted(kind: IstioKind): readonly (Gateway | VirtualService)[] {
    if (kind !== 'Gateway' && kind !== 'VirtualService') return [];
    this.#gatewayApi ??= convertGatewayApi(this.environment.objects, this.domainSuffix);
    return kind === 'Gateway' ? this.#gatewayApi.gateways : this.#gatewayApi.virtualServices;
  }

  /** Services that clients in `namespace` may see: exported to it first, then the public ones. */
  servicesVisibleIn(namespace: string): readonly Service[] {
    let visible = this.#visible.get(namespace);
    if (!visible) {
      const own: Service[] = [];
      const open: Service[] = [];
      for (const service of this.registry.services) {
        const exportTo = service.exportTo ?? this.mesh.defaultServiceExportTo;
        if (exportTo.includes('*')) open.push(service);
        else if (!exportTo.includes('~') && this.isVisible(service, namespace)) own.push(service);
      }
      this.#visible.set(namespace, (visible = [...own, ...open]));
    }
    return visible;
  }

  isVisible(service: Service, namespace: string): boolean {
    const exportTo = service.exportTo ?? this.mesh.defaultServiceExportTo;
    return exportTo.some(
      (it) => it === '*' || it === namespace || (it === '.' && service.namespace === namespace),
    );
  }

  /** The service of that host for clients in `namespace`: their own, else Kubernetes', else the oldest. */
  serviceForNamespace(host: string, namespace: string): Service | undefined {
    const byNamespace = this.registry.byHost.get(host);
    if (!byNamespace) return undefined;
    const own = byNamespace.get(namespace);
    if (own) return own;
    const visible = [...byNamespace.values()].filter((it) => this.isVisible(it, namespace));
    return visible.find((it) => it.registry === 'Kubernetes') ?? visible[0];
  }

  /** Shared by all proxies to which the same Sidecar document (or none) applies. */
  sidecarScope(node: ProxyNode): SidecarScope {
    const sidecar = node.type === 'sidecar' ? this.#sidecarOf(node) : undefined;
    const key = scopeKey(node.namespace, sidecar);
    let scope = this.#scopes.get(key);
    if (!scope) this.#scopes.set(key, (scope = new SidecarScope(this, node.namespace, sidecar)));
    return scope;
  }

  #sidecarOf({ namespace, labels }: ProxyNode) {
    const all = this.configs('Sidecar');
    const own = all.filter((it) => namespaceOf(it) === namespace);
    return (
      own.find(
        (it) => it.spec.workloadSelector && selects(it.spec.workloadSelector.labels, labels),
      ) ??
      own.find((it) => !it.spec.workloadSelector) ??
      all.find((it) => namespaceOf(it) === this.mesh.rootNamespace && !it.spec.workloadSelector)
    );
  }

  /** A cache that lives as long as this state of the world; built pieces are shared through it. */
  cache<K, V>(name: string): Map<K, V> {
    let cache = this.#caches.get(name);
    if (!cache) this.#caches.set(name, (cache = new Map()));
    return cache as Map<K, V>;
  }
}

export function buildPushContext(environment: Environment): PushContext {
  return new PushContext(environment);
}

/** Kinds that the registry of services and endpoints is not made of. */
const BESIDE_REGISTRY: ReadonlySet<string> = new Set([
  ...['VirtualService', 'DestinationRule', 'Gateway', 'Sidecar', 'EnvoyFilter', 'ProxyConfig'],
  ...['PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy', 'Telemetry'],
  ...['WasmPlugin', 'TrafficExtension', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant'],
]);

/** The next state of the world, after `changes`: all of them, the mesh config's ConfigMap included. */
export function rebuildPushContext(
  environment: Environment,
  previous: PushContext,
  changes: readonly ConfigChange[],
): PushContext {
  const keepsRegistry = changes.every(({ kind }) => BESIDE_REGISTRY.has(kind));
  return new PushContext(environment, previous, keepsRegistry);
}

function hasStreamRoutes({ spec }: VirtualService): boolean {
  return (spec.tcp?.length ?? 0) > 0 || (spec.tls?.length ?? 0) > 0;
}

function nameOf(config: VirtualService): string {
  return `${namespaceOf(config)}/${config.metadata.name}`;
}
