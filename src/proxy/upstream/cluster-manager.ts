/**
 * Models Envoy's cluster manager: the clusters of a proxy by name, as CDS and EDS change them. A new
 * version of a cluster serves once it is warm; until then the old one does.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager
 * Simplified: Envoy keeps the sound clusters of an update that it refuses; here nothing of it counts.
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { policyError } from '../load-balancing/policy.ts';
import type { Gauge, StatsStore } from '../stats.ts';
import { Secrets } from '../tls/secrets.ts';
import { ClusterEntry } from './cluster-entry.ts';
import type { Cluster, ClusterSurroundings } from './cluster.ts';
import { clusterConfig, type ClusterConfig } from './cluster-config.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import type { ClusterManager } from './contract.ts';
import { LOCAL_LOOKUP, type DnsLookup } from './dns-discovery.ts';
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

export interface ClusterVersion {
  readonly name: string;
  readonly resource: object;
  readonly isStatic: boolean;
  /** May it serve? */
  readonly isWarm: boolean;
}

export class Clusters implements ClusterManager {
  /** Secrets of the whole proxy: listeners' TLS contexts use the same. */
  readonly secrets: Secrets;
  readonly #options: ClusterManagerOptions;
  readonly #surroundings: ClusterSurroundings;
  /** The newest version of each cluster. */
  readonly #entries = new Map<string, ClusterEntry>();
  /** Names of clusters by the name of their assignment, where that is another. */
  readonly #byEdsName = new Map<string, Set<string>>();
  readonly #lookup: DnsLookup;
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
    this.#lookup = options.lookup ?? LOCAL_LOOKUP;
    this.#activeCount = stats.gauge('cluster_manager.active_clusters');
    this.#warmingCount = stats.gauge('cluster_manager.warming_clusters');
  }

  cluster(name: string): Cluster | undefined {
    const entry = this.#entries.get(name);
    const serving = entry?.isWarm ? entry : entry?.previous;
    return serving && (serving.made ?? serving.make(this.#surroundings, this.#lookup));
  }

  /** Names of all clusters, warm or not, sorted. */
  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** Versions of clusters, serving or warming, by name: what GET /config_dump shows. */
  versions(): ClusterVersion[] {
    return this.names().flatMap((name) => {
      const entry = this.#entries.get(name)!;
      return [entry.previous, entry].flatMap((one) => (one ? versionOf(one) : []));
    });
  }

  /** All clusters with their hosts, by name: what GET /clusters shows. Makes them all. */
  snapshot(): ClusterSnapshot[] {
    return this.names().map((name) => {
      const entry = this.#entries.get(name)!;
      const cluster = this.cluster(name) ?? entry.make(this.#surroundings, this.#lookup);
      return cluster.snapshot(entry.isStatic, !entry.isWarm && !entry.previous);
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
    for (const assignment of assignments as readonly Json[]) {
      const name = text(assignment['cluster_name']);
      this.#assign(this.#entries.get(name), name, assignment);
      for (const other of this.#byEdsName.get(name) ?? NOBODY)
        this.#assign(this.#entries.get(other), name, assignment);
    }
    return undefined;
  }

  #assign(entry: ClusterEntry | undefined, edsName: string, assignment: Json): void {
    if (!entry || entry.config.discovery !== 'EDS' || entry.assignment === assignment) return;
    if (entry.config.edsName === edsName) entry.assign(assignment);
    if (entry.previous?.config.edsName === edsName) entry.previous.assign(assignment);
    if (!entry.isWarm && entry.config.edsName === edsName) this.#onWarm(entry);
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
    this.#byEdsName.clear();
    this.#activeCount.set(0);
    this.#warmingCount.set(0);
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
        known && isSame(known.config.resource, resource) ? known.config : knownConfig(resource);
      if ('error' in config) errors.push(`${name}: ${config.error}`);
      else configs.set(name, config);
    }
    if (errors.length > 0) return `Error adding/updating cluster(s) ${errors.join(', ')}`;
    for (const [name, entry] of this.#entries)
      if (!isStatic && !entry.isStatic && !configs.has(name)) this.#remove(name, entry);
    for (const config of configs.values()) {
      const known = this.#entries.get(config.name);
      if (known?.config === config || (known?.isStatic && !isStatic)) continue;
      this.#put(config, isStatic, known);
    }
    this.#options.onNamesChanged?.();
    return undefined;
  }

  #put(config: ClusterConfig, isStatic: boolean, known: ClusterEntry | undefined): void {
    const entry = new ClusterEntry(config, isStatic);
    entry.previous = known?.isWarm ? known : known?.previous;
    if (known && !known.isWarm) this.#discardVersion(known);
    this.#count(known ? 'cluster_modified' : 'cluster_added');
    this.#entries.set(config.name, entry);
    this.#warmingCount.inc();
    for (const secret of config.secretNames) this.secrets.want(secret);
    if (config.edsName !== config.name) {
      const names = this.#byEdsName.get(config.edsName) ?? new Set();
      this.#byEdsName.set(config.edsName, names.add(config.name));
    }
    const sameEds = entry.previous?.config.edsName === config.edsName;
    const assignment = sameEds ? entry.previous?.assignment : undefined;
    if (assignment) entry.assign(assignment);
    // What counts time or asks somebody must begin now; the rest can wait for the first request.
    if (isStatic || config.isEager) entry.make(this.#surroundings, this.#lookup);
    if (config.discovery !== 'EDS' || assignment) this.#onWarm(entry);
    else if (config.initialFetchTimeoutUs > 0)
      entry.warmTimer = this.#options.simulation.schedule(
        config.initialFetchTimeoutUs,
        onFetchTimeout,
        this,
        entry,
      );
  }

  onFetchTimeout(entry: ClusterEntry): void {
    if (!entry.isWarm) this.#onWarm(entry);
  }

  #onWarm(entry: ClusterEntry): void {
    this.#options.simulation.cancel(entry.warmTimer);
    const { previous } = entry;
    entry.isWarm = true;
    entry.previous = undefined;
    this.#warmingCount.dec();
    this.#activeCount.inc();
    if (previous) this.#discardVersion(previous);
  }

  #remove(name: string, entry: ClusterEntry): void {
    this.#discard(entry);
    this.#entries.delete(name);
    this.#count('cluster_removed');
  }

  #discard(entry: ClusterEntry): void {
    if (entry.previous) this.#discardVersion(entry.previous);
    this.#discardVersion(entry);
  }

  #discardVersion(entry: ClusterEntry): void {
    const { config } = entry;
    this.#options.simulation.cancel(entry.warmTimer);
    entry.close();
    (entry.isWarm ? this.#activeCount : this.#warmingCount).dec();
    for (const secret of config.secretNames) this.secrets.unwant(secret);
    const newest = this.#entries.get(config.name);
    if (config.edsName === config.name) return;
    if (newest && newest !== entry && newest.config.edsName === config.edsName) return;
    const names = this.#byEdsName.get(config.edsName);
    names?.delete(config.name);
    if (names?.size === 0) this.#byEdsName.delete(config.edsName);
  }

  #count(statistic: string): void {
    this.#options.stats.counter(`cluster_manager.${statistic}`).inc();
  }
}

function versionOf({ config, isStatic, isWarm }: ClusterEntry): ClusterVersion {
  return { name: config.name, resource: config.resource, isStatic, isWarm };
}

export function createClusterManager(options: ClusterManagerOptions): Clusters {
  return new Clusters(options);
}

const NOBODY: ReadonlySet<string> = new Set();

function onFetchTimeout(clusters: Clusters, entry: ClusterEntry): void {
  clusters.onFetchTimeout(entry);
}

function isSame(one: Json, other: Json): boolean {
  return one === other || sameJson(one, other);
}

/** What was read of resources, which thousands of proxies may share. Pure results. */
const configs = new WeakMap<Json, ClusterConfig | { readonly error: string }>();

function knownConfig(resource: Json): ClusterConfig | { readonly error: string } {
  let config = configs.get(resource);
  if (!config) {
    config = clusterConfig(resource);
    const error = 'error' in config ? undefined : policyError(resource);
    if (error !== undefined) config = { error };
    configs.set(resource, config);
  }
  return config;
}
