/**
 * Models which hosts a cluster has: assignments come and go, hosts with a known address stay, and
 * load balancing sees health changes at most once a merge window.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto (update_merge_window)
 */
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';
import type { ClusterStats } from './cluster-stats.ts';
import { NO_ASSIGNMENT, type Assignment } from './endpoint-assignment.ts';
import { Host, HealthFlag, type HostDescription, type Locality } from './host.ts';
import { HostSet, isExcluded, PrioritySet } from './host-set.ts';

/** Flags that an assignment decides. */
const EDS_FLAGS =
  HealthFlag.failedEdsHealth | HealthFlag.degradedEdsHealth | HealthFlag.edsStatusDraining;

export interface MembershipOptions {
  readonly mergeWindowUs: Micros;
  readonly ownLocality: Locality | undefined;
  /** Called for each host that joins, before load balancing sees it. */
  readonly onAdded: (host: Host) => void;
  readonly onRemoved: (host: Host) => void;
  /** Must a host that is healthy stay although it left the assignment? */
  readonly keepsOnRemoval: (host: Host) => boolean;
}

export class Membership {
  /** What load balancing sees. */
  readonly priorities = new PrioritySet();
  readonly #simulation: Simulation;
  readonly #stats: ClusterStats;
  readonly #options: MembershipOptions;
  readonly #hosts = new Map<string, Host>();
  #assignment: Assignment = NO_ASSIGNMENT;
  #lastUpdate: Micros = -Infinity;
  #isMergePending = false;
  /** What is found out before the first round of health checks is over is no update yet. */
  #isStarted = false;
  #isClosed = false;

  constructor(simulation: Simulation, stats: ClusterStats, options: MembershipOptions) {
    this.#simulation = simulation;
    this.#stats = stats;
    this.#options = options;
    this.#publish();
  }

  /** In the order of their assignment. */
  get hosts(): IterableIterator<Host> {
    return this.#hosts.values();
  }

  get size(): number {
    return this.#hosts.size;
  }

  get dropPerMillion(): number {
    return this.#assignment.dropPerMillion;
  }

  hostAt(address: string): Host | undefined {
    return this.#hosts.get(address);
  }

  apply(assignment: Assignment): void {
    this.#assignment = assignment;
    const left = new Map(this.#hosts);
    this.#hosts.clear();
    let isChanged = false;
    for (const description of assignment.hosts) {
      const fresh = new Host(description);
      const known = left.get(fresh.address);
      if (this.#hosts.has(fresh.address)) continue;
      if (known) {
        refresh(known, description);
        this.#hosts.set(known.address, known);
        left.delete(known.address);
      } else {
        this.#add(fresh);
        isChanged = true;
      }
    }
    for (const host of left.values()) {
      if (this.#options.keepsOnRemoval(host)) {
        host.set(HealthFlag.pendingDynamicRemoval);
        this.#hosts.set(host.address, host);
        continue;
      }
      isChanged = true;
      this.#options.onRemoved(host);
    }
    if (isChanged) {
      this.#stats.membershipChange.inc();
      this.#publish();
    } else this.healthChanged();
    this.#startIfKnown();
  }

  /** A host that an assignment does not know: original destinations. */
  addHost(description: HostDescription): Host {
    const host = new Host(description);
    this.#add(host);
    this.#stats.membershipChange.inc();
    this.#publish();
    return host;
  }

  remove(hosts: readonly Host[]): void {
    if (hosts.length === 0) return;
    for (const host of hosts) {
      this.#hosts.delete(host.address);
      this.#options.onRemoved(host);
    }
    this.#stats.membershipChange.inc();
    this.#publish();
  }

  /** Health, weight or metadata of some host is another; nobody came or went. */
  healthChanged(): void {
    this.#count();
    const { mergeWindowUs } = this.#options;
    const now = this.#simulation.now;
    if (!this.#isStarted || mergeWindowUs === 0 || now - this.#lastUpdate > mergeWindowUs) {
      this.#publish();
      this.#startIfKnown();
      return;
    }
    if (this.#isMergePending) return;
    this.#isMergePending = true;
    this.#simulation.schedule(mergeWindowUs, publishMerged, this, undefined);
  }

  close(): void {
    this.#isClosed = true;
    for (const host of this.#hosts.values()) this.#options.onRemoved(host);
    this.#hosts.clear();
  }

  publishMerged(): void {
    if (this.#isMergePending && !this.#isClosed) this.#publish();
  }

  #startIfKnown(): void {
    if (this.#isStarted) return;
    for (const host of this.#hosts.values()) if (host.has(HealthFlag.pendingActiveHc)) return;
    this.#isStarted = true;
  }

  #add(host: Host): void {
    host.healthySince = this.#simulation.now;
    this.#options.onAdded(host);
    this.#hosts.set(host.address, host);
  }

  #publish(): void {
    this.#isMergePending = false;
    if (this.#isStarted) this.#lastUpdate = this.#simulation.now;
    this.#count();
    const { overprovisioningFactor, weightedPriorityHealth, localityWeights } = this.#assignment;
    const lists: Host[][] = localityWeights.map(() => []);
    for (const host of this.#hosts.values()) {
      while (lists.length <= host.priority) lists.push([]);
      lists[host.priority]!.push(host);
    }
    if (lists.length === 0) lists.push([]);
    this.priorities.update(
      lists.map(
        (hosts, priority) =>
          new HostSet(priority, hosts, {
            overprovisioningFactor,
            weightedPriorityHealth,
            localityWeights: localityWeights[priority] ?? [],
            ownLocality: this.#options.ownLocality,
          }),
      ),
    );
  }

  #count(): void {
    let healthy = 0;
    let degraded = 0;
    let excluded = 0;
    for (const host of this.#hosts.values()) {
      const health = host.health;
      if (health === 'healthy') healthy += 1;
      else if (health === 'degraded') degraded += 1;
      if (isExcluded(host)) excluded += 1;
    }
    this.#stats.membershipTotal.set(this.#hosts.size);
    this.#stats.membershipHealthy.set(healthy);
    this.#stats.membershipDegraded.set(degraded);
    this.#stats.membershipExcluded.set(excluded);
  }
}

/** Hosts of an ORIGINAL_DST cluster: they join when asked for and leave when nothing uses them. */
export class HostsOnDemand {
  readonly #simulation: Simulation;
  readonly #membership: Membership;
  readonly #cleanUpUs: Micros;
  #isScheduled = false;

  constructor(simulation: Simulation, membership: Membership, cleanUpUs: Micros) {
    this.#simulation = simulation;
    this.#membership = membership;
    this.#cleanUpUs = cleanUpUs;
  }

  hostAt(address: string): Host | undefined {
    return this.#membership.hostAt(address);
  }

  addHost(description: HostDescription): Host {
    return this.#membership.addHost(description);
  }

  scheduleCleanUp(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#simulation.schedule(this.#cleanUpUs, cleanUp, this, undefined);
  }

  cleanUp(): void {
    this.#isScheduled = false;
    const unused: Host[] = [];
    for (const host of this.#membership.hosts)
      if (host.pools.every((pool) => pool.isEmpty)) unused.push(host);
    this.#membership.remove(unused);
    if (this.#membership.size > 0) this.scheduleCleanUp();
  }
}

function cleanUp(hosts: HostsOnDemand): void {
  hosts.cleanUp();
}

function publishMerged(membership: Membership): void {
  membership.publishMerged();
}

function refresh(host: Host, description: HostDescription): void {
  host.hostname = description.hostname;
  host.locality = description.locality;
  host.priority = description.priority;
  host.weight = description.weight;
  host.metadata = description.metadata;
  host.healthCheckPort = description.healthCheckPort;
  host.healthCheckHostname = description.healthCheckHostname;
  host.isHealthCheckDisabled = description.isHealthCheckDisabled;
  host.clear(EDS_FLAGS | HealthFlag.pendingDynamicRemoval);
  host.set(description.edsFlags);
}
