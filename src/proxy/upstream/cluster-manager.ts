/**
 * Models Envoy's cluster manager: the clusters of a proxy by name, as CDS and EDS change them. A new
 * version of a cluster serves once it is warm; until then the old one does.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager
 * Simplified: Envoy keeps the sound clusters of an update that it refuses; here nothing of it counts.
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import { policyError } from '../load-balancing/policy.ts';
import type { Gauge, StatsStore } from '../stats.ts';
import { Secrets } from '../tls/secrets.ts';
import { Cluster, type ClusterSurroundings } from './cluster.ts';
import { clusterConfig, type ClusterConfig } from './cluster-config.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import type { ClusterManager } from './contract.ts';
import { LOCAL_LOOKUP, type DnsLookup } from './dns-discovery.ts';
import { NO_ASSIGNMENT, readAssignment } from './endpoint-assignment.ts';
import type { Locality } from './host.ts';
import type { EjectionNotice } from './outlier-detection.ts';
import { text, type Json } from './proto-json.ts';
import { sameJson } from './same-json.ts';

export interface ClusterManagerOptions {
  readonly simulation: Simulation;
  /** The pod's namespace: connections start there. */
  readonly namespace: NetworkNamespace;
  readonly stats: StatsStore;
  /** "POD.NS", for journals and the trace. */
  readonly node: string;
  readonly locality?: Locality | undefined;
  readonly secrets?: Secrets | undefined;
  /** Name of the stream of chance; one for each proxy. */
  readonly randomName: string;
  /** Resolves the names of STRICT_DNS and LOGICAL_DNS clusters. */
  readonly lookup?: DnsLookup | undefined;
  /** Percent that a runtime key is set to. */
  readonly runtime?: (key: string) => number | undefined;
  /** The cluster that this proxy itself belongs to, for zone aware routing. */
  readonly localClusterName?: string | undefined;
  /** Called when the names that EDS or SDS should be asked for may have changed. */
  readonly onNamesChanged?: () => void;
  /** Called when outlier detection ejects a host or takes it back. */
  readonly onEjection?: (notice: EjectionNotice) => void;
}

interface Entry {
  readonly config: ClusterConfig;
  readonly isStatic: boolean;
  /** What serves; undefined while the first version is warming. */
  active: Cluster | undefined;
  warming: Cluster | undefined;
  warmTimer: TimerHandle;
}

export class Clusters implements ClusterManager {
  /** Secrets of the whole proxy: listeners' TLS contexts use the same. */
  readonly secrets: Secrets;
  readonly #options: ClusterManagerOptions;
  readonly #surroundings: ClusterSurroundings;
  readonly #entries = new Map<string, Entry>();
  /** Assignments by name, as EDS sent them last. */
  readonly #assignments = new Map<string, Json>();
  readonly #activeCount: Gauge;
  readonly #warmingCount: Gauge;

  constructor(options: ClusterManagerOptions) {
    this.#options = options;
    this.secrets = options.secrets ?? new Secrets(options.onNamesChanged);
    const { simulation, namespace, stats, node, locality, randomName, runtime } = options;
    const { localClusterName } = options;
    this.#surroundings = {
      simulation,
      namespace,
      stats,
      node,
      locality,
      random: simulation.random(randomName),
      runtime: runtime ?? (() => undefined),
      secrets: this.secrets,
      localCluster: localClusterName ? () => this.cluster(localClusterName) : undefined,
      clusterNamed: (name) => this.cluster(name),
      onEjection: options.onEjection,
    };
    this.#activeCount = stats.gauge('cluster_manager.active_clusters');
    this.#warmingCount = stats.gauge('cluster_manager.warming_clusters');
  }

  cluster(name: string): Cluster | undefined {
    return this.#entries.get(name)?.active;
  }

  /** Names of all clusters, warm or not, sorted. */
  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** All clusters with their hosts, by name: what GET /clusters shows. */
  snapshot(): ClusterSnapshot[] {
    return this.names().map((name) => {
      const { active, warming, isStatic } = this.#entries.get(name)!;
      return (active ?? warming)!.snapshot(isStatic, active === undefined);
    });
  }

  /** Clusters of the bootstrap: CDS neither changes nor removes them. */
  addStaticClusters(clusters: readonly object[]): string | undefined {
    return this.#apply(clusters as readonly Json[], true);
  }

  /**
   * The whole of CDS: what is missing is removed, what is unchanged keeps its connections. The
   * error, in Envoy's words, when the update is refused.
   */
  setClusters(clusters: readonly object[]): string | undefined {
    return this.#apply(clusters as readonly Json[], false);
  }

  /** Assignments by EDS: those named are replaced, others stay. */
  setEndpoints(assignments: readonly object[]): string | undefined {
    for (const assignment of assignments as readonly Json[])
      if (text(assignment['cluster_name']) === '')
        return 'Proto constraint validation failed (ClusterLoadAssignmentValidationError.ClusterName: value length must be at least 1 characters)';
    const byName = new Map<string, Json>();
    for (const assignment of assignments as readonly Json[]) {
      const name = text(assignment['cluster_name']);
      if (this.#assignments.get(name) === assignment) continue;
      this.#assignments.set(name, assignment);
      byName.set(name, assignment);
    }
    for (const entry of this.#entries.values()) {
      if (entry.config.discovery !== 'EDS') continue;
      const assignment = byName.get(entry.config.edsName);
      if (!assignment) continue;
      const read = readAssignment(assignment);
      const { stats } = (entry.active ?? entry.warming)!;
      stats.counter('update_attempt').inc();
      stats.counter('update_success').inc();
      entry.active?.membership.apply(read);
      if (entry.warming) {
        entry.warming.membership.apply(read);
        this.#onWarm(entry);
      }
    }
    return undefined;
  }

  /** Names of the assignments that EDS should be asked for, in the order of their clusters. */
  edsNames(): string[] {
    const names = new Set<string>();
    for (const { config } of this.#entries.values())
      if (config.discovery === 'EDS') names.add(config.edsName);
    return [...names];
  }

  /** SDS: those named are replaced, others stay. The error when the update is refused. */
  setSecrets(secrets: readonly object[]): string | undefined {
    return this.secrets.setSecrets(secrets);
  }

  /** Names of the secrets that SDS should be asked for, sorted. */
  secretNames(): string[] {
    return this.secrets.names();
  }

  /** The proxy goes away: all connections are closed. */
  close(): void {
    for (const entry of this.#entries.values()) this.#discard(entry);
    this.#entries.clear();
    this.#countEntries();
  }

  #apply(clusters: readonly Json[], isStatic: boolean): string | undefined {
    const configs = new Map<string, ClusterConfig>();
    const errors: string[] = [];
    for (const resource of clusters) {
      const name = text(resource['name']);
      const known = this.#entries.get(name);
      if (configs.has(name)) {
        errors.push(`duplicate cluster ${name} found`);
        continue;
      }
      const config =
        known && isSame(known.config.resource, resource) ? known.config : clusterConfig(resource);
      const error = 'error' in config ? config.error : policyError(resource);
      if (error !== undefined) errors.push(`${name}: ${error}`);
      else if (!('error' in config)) configs.set(name, config);
    }
    if (errors.length > 0) return `Error adding/updating cluster(s) ${errors.join(', ')}`;
    for (const [name, entry] of this.#entries)
      if (!isStatic && !entry.isStatic && !configs.has(name)) this.#remove(name, entry);
    for (const config of configs.values()) {
      const known = this.#entries.get(config.name);
      if (known?.config === config || (known?.isStatic && !isStatic)) continue;
      this.#put(config, isStatic, known);
    }
    this.#countEntries();
    this.#options.onNamesChanged?.();
    return undefined;
  }

  #put(config: ClusterConfig, isStatic: boolean, known: Entry | undefined): void {
    const cluster = new Cluster(config, this.#surroundings);
    const entry: Entry = {
      config,
      isStatic,
      active: known?.active,
      warming: cluster,
      warmTimer: NO_TIMER,
    };
    if (known) {
      this.#options.simulation.cancel(known.warmTimer);
      known.warming?.close();
    }
    this.#count(known ? 'cluster_modified' : 'cluster_added');
    this.#entries.set(config.name, entry);
    if (cluster.discover(this.#options.lookup ?? LOCAL_LOOKUP)) {
      this.#onWarm(entry);
      return;
    }
    const assignment = this.#assignments.get(config.edsName);
    if (assignment) {
      cluster.membership.apply(readAssignment(assignment));
      this.#onWarm(entry);
      return;
    }
    if (config.initialFetchTimeoutUs > 0)
      entry.warmTimer = this.#options.simulation.schedule(
        config.initialFetchTimeoutUs,
        onFetchTimeout,
        this,
        entry,
      );
  }

  onFetchTimeout(entry: Entry): void {
    entry.warming?.membership.apply(NO_ASSIGNMENT);
    if (entry.warming) this.#onWarm(entry);
  }

  #onWarm(entry: Entry): void {
    this.#options.simulation.cancel(entry.warmTimer);
    const old = entry.active;
    entry.active = entry.warming;
    entry.warming = undefined;
    old?.close();
    this.#countEntries();
  }

  #remove(name: string, entry: Entry): void {
    this.#discard(entry);
    this.#entries.delete(name);
    this.#count('cluster_removed');
    this.#assignments.delete(entry.config.edsName);
  }

  #discard(entry: Entry): void {
    this.#options.simulation.cancel(entry.warmTimer);
    entry.active?.close();
    entry.warming?.close();
  }

  #count(statistic: string): void {
    this.#options.stats.counter(`cluster_manager.${statistic}`).inc();
  }

  #countEntries(): void {
    let active = 0;
    let warming = 0;
    for (const entry of this.#entries.values()) {
      if (entry.active) active += 1;
      if (entry.warming) warming += 1;
    }
    this.#activeCount.set(active);
    this.#warmingCount.set(warming);
  }
}

export function createClusterManager(options: ClusterManagerOptions): Clusters {
  return new Clusters(options);
}

function onFetchTimeout(clusters: Clusters, entry: Entry): void {
  clusters.onFetchTimeout(entry);
}

function isSame(one: Json, other: Json): boolean {
  return one === other || sameJson(one, other);
}
