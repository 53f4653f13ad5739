/**
 * Models one cluster at work: chooses a host for a request, finds or makes the pool for it, and keeps
 * what limits and counts.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';
import type { JournalStepCode } from '../journal.ts';
import type { AggregateMember } from '../load-balancing/aggregate.ts';
import type { LoadBalancer } from '../load-balancing/load-balancer.ts';
import { policyName } from '../load-balancing/policy.ts';
import type { StatsStore } from '../stats.ts';
import type { Secrets } from '../tls/secrets.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { clusterLoadBalancer } from './cluster-load-balancer.ts';
import { hostSnapshot, type ClusterSnapshot } from './cluster-snapshot.ts';
import { ClusterStats } from './cluster-stats.ts';
import { NOT_PENDING, type ConnectionPool, type PoolOwner } from './connection-pool.ts';
import type {
  AttemptResult,
  LoadBalancerContext,
  PendingStream,
  Priority,
  StreamRefusal,
  TcpUpstreamCallbacks,
  UpstreamCallbacks,
  UpstreamCluster,
  UpstreamHost,
  UpstreamRequest,
} from './contract.ts';
import { DnsDiscovery, type DnsLookup } from './dns-discovery.ts';
import { readAssignment } from './endpoint-assignment.ts';
import { choiceDetails, countsOf } from './host-choice.ts';
import { HostHealth } from './host-health.ts';
import { HostPools } from './host-pools.ts';
import type { PrioritySet } from './host-set.ts';
import type { Host, HostOwner, Locality } from './host.ts';
import { Membership } from './membership.ts';
import type { EjectionNotice } from './outlier-detection.ts';
import { messageOrEmpty } from './proto-json.ts';

/** What a cluster needs of the proxy it belongs to. */
export interface ClusterSurroundings {
  readonly simulation: Simulation;
  readonly namespace: NetworkNamespace;
  readonly stats: StatsStore;
  readonly random: RandomStream;
  /** "POD.NS", for journals and the trace. */
  readonly node: string;
  readonly locality: Locality | undefined;
  /** Percent of a runtime key ("upstream.maintenance_mode.NAME"); undefined when not set. */
  readonly runtime: (key: string) => number | undefined;
  readonly secrets: Secrets;
  /** Hosts of the cluster that this proxy is part of (local_cluster_name). */
  readonly localCluster: (() => Cluster | undefined) | undefined;
  readonly clusterNamed: (name: string) => Cluster | undefined;
  readonly onEjection: ((notice: EjectionNotice) => void) | undefined;
}

export class Cluster implements UpstreamCluster, PoolOwner, HostOwner, AggregateMember {
  readonly config: ClusterConfig;
  readonly stats: ClusterStats;
  readonly membership: Membership;
  readonly loadBalancer: LoadBalancer;
  readonly #surroundings: ClusterSurroundings;
  /** Asked for with each request: joined once. */
  readonly #maintenanceKey: string;
  readonly #breakers: Readonly<Record<Priority, CircuitBreakers>>;
  readonly #pools: HostPools;
  readonly #health: HostHealth;
  #dns: DnsDiscovery | undefined;

  constructor(config: ClusterConfig, surroundings: ClusterSurroundings) {
    this.config = config;
    this.#maintenanceKey = `upstream.maintenance_mode.${config.name}`;
    this.#surroundings = surroundings;
    const { simulation, stats } = surroundings;
    this.stats = new ClusterStats(config.statName, stats);
    this.#breakers = {
      default: new CircuitBreakers(config.resource, 'default', this.stats.prefix, stats),
      high: new CircuitBreakers(config.resource, 'high', this.stats.prefix, stats),
    };
    this.#pools = new HostPools(config, this, this.#breakers, surroundings);
    this.#health = new HostHealth(
      config,
      {
        stats: this.stats,
        probeTarget: (host, check) => this.#pools.probeTarget(host, check),
        healthChanged: () => this.membership.healthChanged(),
        remove: (host) => this.membership.remove([host]),
      },
      surroundings,
    );
    this.membership = new Membership(simulation, this.stats, {
      mergeWindowUs: config.updateMergeWindowUs,
      ownLocality: surroundings.locality,
      onAdded: (host) => this.#addHost(host),
      onRemoved: (host) => this.#removeHost(host),
      keepsOnRemoval: (host) => this.#health.keepsOnRemoval(host),
    });
    this.loadBalancer = clusterLoadBalancer(this, surroundings);
  }

  get priorities(): PrioritySet {
    return this.membership.priorities;
  }

  get name(): string {
    return this.config.name;
  }

  get resource(): object {
    return this.config.resource;
  }

  get maxStreamDurationUs(): Micros | undefined {
    return this.config.streamDurationMaxUs;
  }

  get preconnectRatio(): number {
    return this.config.preconnectRatio;
  }

  newHttpStream(
    request: UpstreamRequest,
    callbacks: UpstreamCallbacks,
  ): PendingStream | StreamRefusal {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    const host = this.#chooseHost(request);
    if (!host) return 'no-healthy-upstream';
    return (host.owner ?? this).httpPool(host, request).newStream(request, callbacks);
  }

  newTcpConnection(
    request: UpstreamRequest,
    callbacks: TcpUpstreamCallbacks,
  ): PendingStream | StreamRefusal {
    const { connections } = this.#breakers[request.priority];
    if (!connections.canCreate) {
      // TCP proxying gives up at once where HTTP would wait for a connection.
      this.stats.cxOverflow.inc();
      if (request.journal)
        this.note(request, 'overflow', { limit: 'connections', max: connections.max });
      callbacks.onPoolFailure('overflow', '', undefined);
      return NOT_PENDING;
    }
    const host = this.#chooseHost(request);
    if (!host) return 'no-healthy-upstream';
    return (host.owner ?? this).tcpPool(host, request).newStream(request, callbacks);
  }

  tryAcquireRetry(priority: Priority): boolean {
    return this.#breakers[priority].tryAcquireRetry();
  }

  releaseRetry(priority: Priority): void {
    this.#breakers[priority].releaseRetry();
  }

  reportAttempt(host: UpstreamHost, result: AttemptResult): void {
    const known = host as Host;
    if (result.kind === 'timeout') known.rqTimeout += 1;
    if (result.kind === 'status' && result.status < 500) known.rqSuccess += 1;
    else known.rqError += 1;
    known.monitor?.put(result);
  }

  snapshot(isStatic: boolean, isWarming: boolean): ClusterSnapshot {
    return {
      name: this.name,
      isStatic,
      isWarming,
      edsName: this.config.discovery === 'EDS' ? this.config.edsName : '',
      limits: { default: this.#breakers.default.limits, high: this.#breakers.high.limits },
      successRateAverage: this.#health.successRates.average,
      successRateThreshold: this.#health.successRates.threshold,
      hosts: [...this.membership.hosts].map(hostSnapshot),
    };
  }

  count(statistic: string, by = 1): void {
    this.stats.counter(statistic).inc(by);
  }

  recordMs(statistic: string, ms: number): void {
    this.stats.histogram(statistic).record(ms);
  }

  soon(action: (pool: ConnectionPool) => void, pool: ConnectionPool): void {
    this.#surroundings.simulation.schedule(0, action, pool, undefined);
  }

  note(
    request: UpstreamRequest,
    code: JournalStepCode,
    details: Readonly<Record<string, string | number | boolean | readonly string[]>>,
  ): void {
    request.journal?.note({
      time: this.#surroundings.simulation.now,
      node: this.#surroundings.node,
      code,
      resource: { type: 'cluster', name: this.name },
      origin: this.config.resource,
      details,
    });
  }

  #addHost(host: Host): void {
    host.owner = this;
    this.#health.add(host);
  }

  #removeHost(host: Host): void {
    this.#health.remove(host);
    for (const pool of host.pools) pool.drain();
  }

  httpPool(host: Host, request: UpstreamRequest): ConnectionPool {
    return this.#pools.forHttp(host, request);
  }

  tcpPool(host: Host, request: UpstreamRequest): ConnectionPool {
    return this.#pools.forTcp(host, request);
  }

  onImmediateFailure(host: Host): void {
    this.#health.failNow(host);
  }

  /**
   * Gives the cluster the hosts that its resource names. False for EDS: they come from elsewhere.
   * Original destinations and aggregates have none of their own.
   */
  discover(lookup: DnsLookup): boolean {
    const { config } = this;
    if (config.discovery === 'EDS') return false;
    const named = readAssignment(messageOrEmpty(config.resource['load_assignment']));
    if (config.discovery === 'STRICT_DNS' || config.discovery === 'LOGICAL_DNS') {
      const { simulation } = this.#surroundings;
      this.#dns = new DnsDiscovery(simulation, config, this.stats, this.membership, lookup, named);
      this.#dns.refresh();
    } else this.membership.apply(named);
    return true;
  }

  /** It is no longer wanted: what runs may end, the rest is closed. */
  close(): void {
    this.#dns?.close();
    this.#health.close();
    this.membership.close();
    this.#pools.close();
  }

  #refusal(): StreamRefusal | undefined {
    const { random, runtime } = this.#surroundings;
    const maintenance = runtime(this.#maintenanceKey);
    if (maintenance && random.below(100) < maintenance) {
      this.stats.rqMaintenanceMode.inc();
      return 'maintenance';
    }
    const { dropPerMillion } = this.membership;
    return dropPerMillion > 0 && random.chance(dropPerMillion) ? 'drop-overload' : undefined;
  }

  #chooseHost(request: UpstreamRequest): Host | undefined {
    const { context } = request;
    let host = context.overrideHost && this.membership.hostAt(context.overrideHost.address);
    if (host?.health === 'unhealthy') host = undefined;
    if (!host && !context.overrideHost?.isStrict) host = this.#balance(context);
    if (!host) this.stats.cxNoneHealthy.inc();
    if (request.journal) this.#noteChoice(request, host);
    return host;
  }

  #balance(context: LoadBalancerContext): Host | undefined {
    let host: Host | undefined;
    // Bound: host_selection_retry_max_attempts, then the last choice stands.
    for (let attempt = 0; attempt <= context.hostSelectionAttemptsMax; attempt++) {
      host = this.loadBalancer.chooseHost(context, attempt);
      if (!host || !context.rejectHost || !context.rejectHost(host)) break;
    }
    return host;
  }

  #noteChoice(request: UpstreamRequest, host: Host | undefined): void {
    const { sets } = this.membership.priorities;
    if (!host) this.note(request, 'no-healthy-upstream', countsOf(sets));
    else
      this.note(
        request,
        'host-chosen',
        choiceDetails(sets, host, policyName(this.config.resource)),
      );
  }
}
