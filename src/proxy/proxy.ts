/**
 * Models one Envoy: it takes configuration by xDS or from a bootstrap, listens, and forwards.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/life_of_a_request
 */
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import type { Simulation } from '../sim/simulation.ts';
import { SECOND, type Micros } from '../sim/time.ts';
import { ConfigError } from './config/config-error.ts';
import { Message } from './config/message.ts';
import { Runtime } from './config/runtime.ts';
import type { ProxyContext } from './context.ts';
import { ManagerCompiler } from './http/compile-manager.ts';
import type { Journal } from './journal.ts';
import { Listeners } from './listener/listeners.ts';
import type { ProxyObserver } from './observer.ts';
import { StatsStore } from './stats.ts';
import {
  createClusterManager,
  type ClusterManagerOptions,
  type Clusters,
} from './upstream/cluster-manager.ts';
import { Secrets } from './tls/secrets.ts';
import type { PeerMetadata } from './wire.ts';

export interface ProxyOptions {
  readonly simulation: Simulation;
  readonly namespace: NetworkNamespace;
  readonly node: {
    /** "POD.NS": what journals and traces say. */
    readonly id: string;
    readonly cluster: string;
    readonly metadata?: PeerMetadata | undefined;
    readonly locality?: { region: string; zone: string; subZone: string } | undefined;
  };
  /** Names the proxy's streams of chance. */
  readonly seedName: string;
  readonly observer: ProxyObserver;
  readonly journalFor?: ((requestId: number) => Journal | undefined) | undefined;
  /** Worker threads among which listeners divide connections; all share one event loop here. */
  readonly concurrency?: number;
  /** Runtime keys that a bootstrap would set. */
  readonly runtime?: ReadonlyMap<string, unknown> | undefined;
  /** Resolves names of DNS clusters: addresses, none, or undefined when there is no answer. */
  readonly lookup?: ClusterManagerOptions['lookup'];
  /** Hears of hosts that outlier detection takes out and lets in again. */
  readonly onEjection?: ClusterManagerOptions['onEjection'];
}

export type XdsType = 'CDS' | 'EDS' | 'LDS' | 'RDS' | 'SDS';

/** The proxy's end of xDS: what it is given, and what it asks for by name. */
export interface ResourceSink {
  /** The error is a NACK: the whole response is refused, the old configuration stays. */
  apply(type: XdsType, resources: readonly object[]): string | undefined;
  /** Names to subscribe to; for CDS and LDS everything is wanted: undefined. */
  subscriptions(type: XdsType): readonly string[] | undefined;
}

const DRAIN_US = 45 * SECOND;

export class Proxy {
  readonly stats: StatsStore;
  readonly clusters: Clusters;
  readonly runtime = new Runtime();
  readonly secrets: Secrets;
  readonly sink: ResourceSink;
  readonly node: string;
  readonly listeners: Listeners;
  /** Called when the names that RDS, EDS or SDS should be asked for may have changed. */
  onSubscriptionsChanged: (() => void) | undefined = undefined;
  readonly #managers: ManagerCompiler;

  constructor(options: ProxyOptions) {
    const { simulation, namespace, node, seedName, observer, journalFor } = options;
    this.node = node.id;
    this.stats = new StatsStore(simulation);
    const workers = options.concurrency ?? 2;
    this.stats.gauge('server.concurrency').set(workers);
    for (const [key, value] of options.runtime ?? []) this.runtime.set(key, value);
    const namesChanged = () => this.onSubscriptionsChanged?.();
    this.secrets = new Secrets(namesChanged);
    this.clusters = createClusterManager({
      simulation,
      namespace,
      stats: this.stats,
      node: node.id,
      locality: node.locality,
      randomName: `proxy/${seedName}/upstream`,
      runtime: (key) => (this.runtime.has(key) ? this.runtime.number(key, 0) : undefined),
      onNamesChanged: namesChanged,
      secrets: this.secrets,
      lookup: options.lookup,
      ...(options.onEjection ? { onEjection: options.onEjection } : {}),
    });
    const context: ProxyContext = {
      simulation,
      node: node.id,
      workers,
      metadata: node.metadata,
      random: simulation.random(`proxy/${seedName}`),
      stats: this.stats,
      runtime: this.runtime,
      clusters: this.clusters,
      observer,
      journalFor: journalFor ?? (() => undefined),
    };
    this.#managers = new ManagerCompiler(context);
    this.listeners = new Listeners(namespace, {
      proxy: context,
      tls: { simulation, stats: this.stats, secrets: this.secrets },
      managers: this.#managers,
    });
    this.sink = {
      apply: (type, resources) => this.#apply(type, resources),
      subscriptions: (type) => this.#subscriptions(type),
    };
  }

  /** Static resources and runtime of a bootstrap. The error, in Envoy's words, when it is refused. */
  loadBootstrap(bootstrap: object): string | undefined {
    return orError(() => {
      const message = new Message(bootstrap);
      this.runtime.load(message.message('layered_runtime'));
      const resources = message.messageOrEmpty('static_resources');
      const secrets = resources.messages('secrets').map(({ json }) => json);
      const clusters = resources.messages('clusters').map(({ json }) => json);
      const error = this.secrets.setSecrets(secrets) ?? this.clusters.addStaticClusters(clusters);
      if (error !== undefined) throw new ConfigError(error);
      this.listeners.addStatic(resources.messages('listeners').map(({ json }) => json));
    });
  }

  /** No new connections; requests in flight may end within `afterUs`. */
  drain(afterUs: Micros = DRAIN_US): void {
    this.listeners.drainAll(afterUs);
  }

  /** The process is gone. */
  stop(): void {
    this.listeners.close();
    this.clusters.close();
  }

  #apply(type: XdsType, resources: readonly object[]): string | undefined {
    const error = orError(() => {
      const refused = this.#applyChecked(type, resources);
      if (refused !== undefined) throw new ConfigError(refused);
    });
    const scope = XDS_STATS[type];
    this.stats.counter(`${scope}.update_${error === undefined ? 'success' : 'rejected'}`).inc();
    if (error === undefined) this.onSubscriptionsChanged?.();
    return error;
  }

  #applyChecked(type: XdsType, resources: readonly object[]): string | undefined {
    switch (type) {
      case 'CDS':
        return this.clusters.setClusters(resources);
      case 'EDS':
        return this.clusters.setEndpoints(resources);
      case 'LDS':
        return this.listeners.setAll(resources);
      case 'RDS':
        return this.listeners.setRoutes(resources);
      case 'SDS': {
        const error = this.secrets.setSecrets(resources);
        this.listeners.promoteReady();
        return error;
      }
    }
  }

  #subscriptions(type: XdsType): readonly string[] | undefined {
    switch (type) {
      case 'EDS':
        return this.clusters.edsNames();
      case 'RDS':
        return this.#managers.wantedTables;
      case 'SDS':
        return this.secrets.names();
      case 'CDS':
      case 'LDS':
        return undefined;
    }
  }
}

const XDS_STATS: Readonly<Record<XdsType, string>> = {
  CDS: 'cluster_manager.cds',
  EDS: 'cluster_manager.eds',
  LDS: 'listener_manager.lds',
  RDS: 'http.rds',
  SDS: 'sds',
};

function orError(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
