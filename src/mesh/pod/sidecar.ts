/**
 * Models the istio-proxy container: Envoy with pilot-agent beside it, fed by a stream to istiod.
 *
 * Simplified: Envoy and the agent are one process; what the proxy accepted last is kept for
 * `config_dump` as it came.
 */
import { serveAdmin } from './proxy-admin.ts';
import type { HostHealth } from '../terminal/istioctl/endpoints.ts';
import type { ProxyDump } from '../terminal/istioctl/proxy-dump.ts';
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { AdminFacts } from '../../proxy/admin/admin-page.ts';
import { Proxy, type ProxyOptions } from '../../proxy/proxy.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Micros } from '../../sim/time.ts';
import { AdsClient } from '../../xds/ads-client.ts';
import type { Node } from '../../xds/resources/bootstrap.ts';
import { resourceName, type Resource } from '../../xds/resources/resource.ts';
import { isWildcard, XDS_TYPES, type XdsType } from '../../xds/type-url.ts';

export interface SidecarOptions extends Pick<ProxyOptions, 'observer' | 'journalFor' | 'lookup'> {
  readonly id: string;
  readonly network: NetworkNamespace;
  readonly xdsNode: Node;
  readonly metadata: PeerMetadata;
  readonly locality: { region: string; zone: string; subZone: string };
  /** Where istiod is now; undefined while its name does not resolve. */
  readonly resolveIstiod: () => SocketAddress | undefined;
  /** ISTIO_DELTA_XDS */
  readonly isDelta?: boolean;
}

export class Sidecar {
  readonly id: string;
  readonly proxy: Proxy;
  readonly metadata: PeerMetadata;
  readonly #network: NetworkNamespace;
  readonly #node: Node;
  readonly #ads: AdsClient;
  readonly #updatedUs = new Map<XdsType, Micros>();
  #startedUs: Micros = 0;
  #isDraining = false;
  #stopAdmin: () => void = () => undefined;
  readonly #accepted = new Map<XdsType, Map<string, Resource>>(
    XDS_TYPES.map((type) => [type, new Map()]),
  );

  constructor(options: SidecarOptions) {
    const { network, id } = options;
    this.id = id;
    this.#network = network;
    this.#node = options.xdsNode;
    this.metadata = options.metadata;
    this.proxy = new Proxy({
      simulation: network.network.simulation,
      namespace: network,
      node: {
        id,
        cluster: options.xdsNode.cluster ?? '',
        metadata: options.metadata,
        locality: options.locality,
      },
      seedName: id,
      observer: options.observer,
      journalFor: options.journalFor,
      lookup: options.lookup,
      runtime: ISTIO_RUNTIME,
    });
    this.#ads = new AdsClient(
      network,
      {
        apply: (type, resources) => this.#apply(type, resources),
        subscriptions: (type) => this.proxy.sink.subscriptions(type),
      },
      {
        node: options.xdsNode,
        resolve: options.resolveIstiod,
        isDelta: options.isDelta ?? false,
      },
    );
    this.proxy.onSubscriptionsChanged = () => this.#ads.subscriptionsChanged();
  }

  start(): void {
    this.#startedUs = this.#network.network.simulation.now;
    this.#stopAdmin = serveAdmin(this.#network, this.proxy, () => this.#adminFacts());
    this.#ads.start();
  }

  /** Ready as pilot-agent counts it: clusters and listeners have been accepted once. */
  get isReady(): boolean {
    return this.#ads.version('CDS') !== '' && this.#ads.version('LDS') !== '';
  }

  get isConnected(): boolean {
    return this.#ads.isConnected;
  }

  drain(afterUs: Micros): void {
    this.#isDraining = true;
    this.proxy.drain(afterUs);
  }

  stop(): void {
    this.#stopAdmin();
    this.#ads.stop();
    this.proxy.stop();
  }

  /** What it holds, as its config dump would say. */
  dump(): ProxyDump {
    const of = <T extends Resource>(type: XdsType) =>
      [...this.#accepted.get(type)!.values()] as T[];
    return {
      listeners: of('LDS'),
      routes: of('RDS'),
      clusters: of('CDS'),
      endpoints: of('EDS'),
      secrets: of('SDS'),
    };
  }

  /** What it thinks of a host of a cluster; undefined when it knows none at that address. */
  hostHealth(cluster: string, address: string): HostHealth | undefined {
    const sets = this.proxy.clusters.cluster(cluster)?.priorities.sets ?? [];
    const host = sets.flatMap(({ all }) => all.hosts).find((one) => one.address === address);
    return host && { healthFlags: host.healthText };
  }

  #adminFacts(): AdminFacts {
    return {
      state: this.#isDraining ? 'DRAINING' : this.isReady ? 'LIVE' : 'INITIALIZING',
      startedUs: this.#startedUs,
      node: this.#node,
      bootstrap: {},
      version: (type) => this.#ads.version(type),
      updatedUs: (type) => this.#updatedUs.get(type) ?? 0,
      secrets: [...this.#accepted.get('SDS')!.values()],
    };
  }

  #apply(type: XdsType, resources: readonly Resource[]): string | undefined {
    const error = this.proxy.sink.apply(type, resources);
    if (error !== undefined) return error;
    const accepted = this.#accepted.get(type)!;
    if (isWildcard(type)) accepted.clear();
    for (const resource of resources) accepted.set(resourceName(resource), resource);
    this.#updatedUs.set(type, this.#network.network.simulation.now);
    this.#forgetUnwanted();
    return undefined;
  }

  /** Routes and endpoints that nothing refers to any more are gone from the dump. */
  #forgetUnwanted(): void {
    for (const type of ['EDS', 'RDS'] as const) {
      const wanted = new Set(this.proxy.sink.subscriptions(type));
      const accepted = this.#accepted.get(type)!;
      for (const name of accepted.keys()) if (!wanted.has(name)) accepted.delete(name);
    }
  }
}

/** Runtime flags of Istio's own bootstrap. */
const ISTIO_RUNTIME: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['overload.global_downstream_max_connections', 2_147_483_647],
  ['re2.max_program_size.error_level', 32_768],
  ['envoy.reloadable_features.http_reject_path_with_fragment', false],
]);
