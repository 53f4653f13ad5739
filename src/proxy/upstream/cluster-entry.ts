/**
 * Models what the cluster manager keeps of one version of a cluster. Most clusters that istiod sends
 * are never used by a given proxy, so the cluster itself is made when somebody first asks for it.
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { Cluster, type ClusterSurroundings } from './cluster.ts';
import type { DnsLookup } from './dns-discovery.ts';
import { readAssignment } from './endpoint-assignment.ts';
import type { Json } from './proto-json.ts';

export class ClusterEntry {
  readonly config: ClusterConfig;
  readonly isStatic: boolean;
  /** What EDS sent last for it. */
  #assignment: Json | undefined = undefined;
  /** May it serve? Until then the version before does. */
  isWarm = false;
  /** The version that serves while this one is warming. */
  previous: ClusterEntry | undefined = undefined;
  warmTimer: TimerHandle = NO_TIMER;
  #cluster: Cluster | undefined = undefined;

  constructor(config: ClusterConfig, isStatic: boolean) {
    this.config = config;
    this.isStatic = isStatic;
  }

  get assignment(): Json | undefined {
    return this.#assignment;
  }

  /** The cluster, if it has been made. */
  get made(): Cluster | undefined {
    return this.#cluster;
  }

  /** The cluster; made now when it has not been yet. */
  make(surroundings: ClusterSurroundings, lookup: DnsLookup): Cluster {
    if (this.#cluster) return this.#cluster;
    const cluster = new Cluster(this.config, surroundings);
    this.#cluster = cluster;
    if (!cluster.discover(lookup)) this.#hand(cluster);
    return cluster;
  }

  assign(assignment: Json): void {
    this.#assignment = assignment;
    if (this.#cluster) this.#hand(this.#cluster);
  }

  close(): void {
    this.#cluster?.close();
    this.#cluster = undefined;
  }

  #hand(cluster: Cluster): void {
    if (!this.#assignment) return;
    cluster.membership.apply(readAssignment(this.#assignment));
    cluster.stats.counter('update_attempt').inc();
    cluster.stats.counter('update_success').inc();
  }
}
