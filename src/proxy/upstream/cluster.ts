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
import { Aggregate, type AggregateMember } from '../load-balancing/aggregate.ts';
import type { LoadBalancer } from '../load-balancing/load-balancer.ts';
import { OriginalDst, originalDstOptions } from '../load-balancing/original-dst.ts';
import { createLoadBalancer, policyName, zoneAwareOptions } from '../load-balancing/policy.ts';
import type { JournalStepCode } from '../journal.ts';
import type { StatsStore } from '../stats.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { hostSnapshot, type ClusterSnapshot } from './cluster-snapshot.ts';
import { ClusterStats } from './cluster-stats.ts';
import {
  ConnectionPool,
  NOT_PENDING,
  samePool,
  type PoolKey,
  type PoolOwner,
} from './connection-pool.ts';
import type {
  AttemptResult,
  PendingStream,
  Priority,
  StreamRefusal,
  TcpUpstreamCallbacks,
  UpstreamCallbacks,
  UpstreamCluster,
  UpstreamHost,
  UpstreamRequest,
} from './contract.ts';
import { HealthFlag, type Host, type HostOwner, type Locality } from './host.ts';
import { HealthChecker, type CheckedCluster } from './health-check.ts';
import type { ProbeTarget } from './health-probe.ts';
import type { PrioritySet } from './host-set.ts';
import { DnsDiscovery, type DnsLookup } from './dns-discovery.ts';
import { readAssignment } from './endpoint-assignment.ts';
import { HttpConnection } from './http-connection.ts';
import { HostsOnDemand, Membership } from './membership.ts';
import type { ConnectionSettings } from './pooled-connection.ts';
import { messageOrEmpty } from './proto-json.ts';
import { OutlierDetector, type EjectionNotice } from './outlier-detection.ts';
import { TcpConnection } from './tcp-connection.ts';
import { TransportSockets } from '../tls/transport-sockets.ts';
import type { Secrets } from '../tls/secrets.ts';
import { Message } from '../config/message.ts';

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

export class Cluster
  implements UpstreamCluster, PoolOwner, HostOwner, AggregateMember, CheckedCluster
{
  readonly config: ClusterConfig;
  readonly stats: ClusterStats;
  readonly membership: Membership;
  readonly #surroundings: ClusterSurroundings;
  readonly #settings: ConnectionSettings;
  readonly #breakers: Readonly<Record<Priority, CircuitBreakers>>;
  readonly loadBalancer: LoadBalancer;
  readonly #transportSockets: TransportSockets;
  readonly #outliers: OutlierDetector | undefined;

  readonly #healthCheckers: readonly HealthChecker[];
  #dns: DnsDiscovery | undefined;

  constructor(config: ClusterConfig, surroundings: ClusterSurroundings) {
    this.config = config;
    this.#surroundings = surroundings;
    const { simulation, namespace, stats } = surroundings;
    this.stats = new ClusterStats(config.statName, stats);
    this.#transportSockets = new TransportSockets(
      new Message(config.resource),
      surroundings,
      this.stats.prefix,
    );
    this.#outliers =
      config.outlier &&
      new OutlierDetector(
        config.outlier,
        {
          name: config.name,
          statPrefix: this.stats.prefix,
          healthChanged: () => this.membership.healthChanged(),
        },
        surroundings,
      );
    this.#breakers = {
      default: new CircuitBreakers(config.resource, 'default', this.stats.prefix, stats),
      high: new CircuitBreakers(config.resource, 'high', this.stats.prefix, stats),
    };
    this.#settings = {
      simulation,
      namespace,
      connectTimeoutUs: config.connectTimeoutUs,
      idleTimeoutUs: config.idleTimeoutUs,
      durationMaxUs: config.connectionDurationMaxUs,
      requestsMax: config.requestsPerConnectionMax,
      concurrentStreamsMax: config.concurrentStreamsMax,
      sourceIp: config.sourceIp,
    };
    this.#healthCheckers = config.healthChecks.map(
      (check) => new HealthChecker(check, this, surroundings),
    );
    this.membership = new Membership(simulation, this.stats, {
      mergeWindowUs: config.updateMergeWindowUs,
      ownLocality: surroundings.locality,
      onAdded: (host) => this.#addHost(host),
      onRemoved: (host) => this.#removeHost(host),
      keepsOnRemoval: (host) => this.#keepsOnRemoval(host),
    });
    this.loadBalancer = this.#createLoadBalancer();
  }

  #createLoadBalancer(): LoadBalancer {
    const { config } = this;
    const { simulation, random } = this.#surroundings;
    const count = (statistic: string, by = 1) => this.count(statistic, by);
    if (config.discovery === 'ORIGINAL_DST') {
      const options = originalDstOptions(config.resource);
      return new OriginalDst(
        new HostsOnDemand(simulation, this.membership, options.cleanUpUs),
        options,
        count,
      );
    }
    if (config.discovery === 'AGGREGATE') {
      const { clusterNamed } = this.#surroundings;
      const members = () =>
        config.aggregated.map(clusterNamed).filter((cluster) => cluster !== undefined);
      return new Aggregate(members, random, config.panicThreshold);
    }
    const localHosts = () => this.#surroundings.localCluster?.()?.membership.priorities;
    const zones = messageOrEmpty(
      messageOrEmpty(config.resource['common_lb_config'])['zone_aware_lb_config'],
    );
    return createLoadBalancer(config.resource, {
      hosts: this.membership.priorities,
      random,
      clock: simulation,
      panicThreshold: config.panicThreshold,
      failTrafficOnPanic: config.failTrafficOnPanic,
      localityWeighted: config.isLocalityWeighted,
      zoneAware: this.#surroundings.localCluster && zoneAwareOptions(zones, localHosts),
      localHosts,
      activeRequests: () => this.stats.rqActive.value,
      count,
      setGauge: (name, value) => this.stats.gauge(name).set(value),
    });
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
      successRateAverage: this.#outliers?.successRateAverage ?? -1,
      successRateThreshold: this.#outliers?.successRateThreshold ?? -1,
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
    this.#outliers?.add(host);
    for (const checker of this.#healthCheckers) checker.add(host);
  }

  #removeHost(host: Host): void {
    this.#outliers?.remove(host);
    for (const checker of this.#healthCheckers) checker.remove(host);
    for (const pool of host.pools) pool.drain();
  }

  /** An actively checked host that answers well stays although it has left the assignment. */
  #keepsOnRemoval(host: Host): boolean {
    return (
      this.#healthCheckers.length > 0 &&
      !this.config.ignoresHealthOnRemoval &&
      !host.isHealthCheckDisabled &&
      !host.has(HealthFlag.failedActiveHc)
    );
  }

  targetOf(host: Host): ProbeTarget {
    const { ip, port } = host.socket;
    const probe = this.config.healthChecks[0]!.probe;
    const named = probe.kind === 'http' ? probe.host : '';
    return {
      socket: { ip, port: host.healthCheckPort ?? port },
      authority: host.healthCheckHostname || named || this.name,
      transport: this.#transportSockets.forHost(host, {
        protocol: probe.kind === 'tcp' ? 'tcp' : probe.isHttp2 ? 'http2' : 'http1',
        alpn: undefined,
        serverName: '',
        mustCarryServerName: false,
      }),
    };
  }

  healthChanged(): void {
    this.membership.healthChanged();
  }

  onCheckPassed(host: Host): void {
    this.#outliers?.onHealthCheckPassed(host);
  }

  onLeftAndFailed(host: Host): void {
    this.membership.remove([host]);
  }

  onWentDown(host: Host): void {
    if (this.config.closesOnHealthFailure) for (const pool of host.pools) pool.closeAll();
  }

  onImmediateFailure(host: Host): void {
    for (const checker of this.#healthCheckers) checker.failNow(host);
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
    for (const checker of this.#healthCheckers) checker.close();
    this.membership.close();
    this.#transportSockets.close();
  }

  #refusal(): StreamRefusal | undefined {
    const { random, runtime } = this.#surroundings;
    const maintenance = runtime(`upstream.maintenance_mode.${this.name}`);
    if (maintenance && random.below(100) < maintenance) {
      this.stats.rqMaintenanceMode.inc();
      return 'maintenance';
    }
    const { dropPerMillion } = this.membership;
    return dropPerMillion > 0 && random.chance(dropPerMillion) ? 'drop-overload' : undefined;
  }

  #chooseHost(request: UpstreamRequest): Host | undefined {
    const { context } = request;
    let host: Host | undefined;
    // Bound: host_selection_retry_max_attempts, then the last choice stands.
    for (let attempt = 0; attempt <= context.hostSelectionAttemptsMax; attempt++) {
      host = this.loadBalancer.chooseHost(context, attempt);
      if (!host || !context.rejectHost || !context.rejectHost(host)) break;
    }
    if (!host) this.stats.cxNoneHealthy.inc();
    if (request.journal) this.#noteChoice(request, host);
    return host;
  }

  #noteChoice(request: UpstreamRequest, host: Host | undefined): void {
    const sets = this.membership.priorities.sets;
    const counts = {
      hosts: sets.reduce((sum, set) => sum + set.all.hosts.length, 0),
      healthy: sets.reduce((sum, set) => sum + set.healthy.hosts.length, 0),
    };
    if (!host) {
      this.note(request, 'no-healthy-upstream', counts);
      return;
    }
    const candidates = sets[host.priority]?.all.hosts ?? [host];
    this.note(request, 'host-chosen', {
      ...counts,
      host: host.address,
      policy: policyName(this.config.resource),
      priority: host.priority,
      zone: host.zone,
      candidates: candidates.map(({ address }) => address),
      weights: candidates.map(({ weight }) => String(weight)),
      health: candidates.map(({ healthText }) => healthText),
    });
  }

  tcpPool(host: Host, request: UpstreamRequest): ConnectionPool {
    return this.#pool(host, this.#poolKey(request, 'tcp'));
  }

  httpPool(host: Host, request: UpstreamRequest): ConnectionPool {
    const { protocol } = this.config;
    const chosen =
      protocol === 'as-downstream'
        ? request.downstreamVersion === 'HTTP/2'
          ? 'http2'
          : 'http1'
        : protocol;
    return this.#pool(host, this.#poolKey(request, chosen));
  }

  #poolKey(request: UpstreamRequest, protocol: PoolKey['protocol']): PoolKey {
    const { autoSni, autoSniHeader, autoSanValidation } = this.config;
    return {
      priority: request.priority,
      protocol,
      alpn: request.alpnOverride,
      serverName: autoSni ? hostName(request.context.requestHeaders.get(autoSniHeader)) : '',
      mustCarryServerName: autoSanValidation,
      downstream: this.config.hasConnectionPoolPerDownstream
        ? request.context.downstreamConnection
        : undefined,
    };
  }

  #pool(host: Host, key: PoolKey): ConnectionPool {
    const { pools } = host;
    for (let i = 0; i < pools.length; i++) if (samePool(pools[i]!.key, key)) return pools[i]!;
    const transport = this.#transportSockets.forHost(host, key);
    const settings = this.#settings;
    const { protocol } = key;
    const pool = new ConnectionPool(host, key, this.#breakers[key.priority], this, (owner) =>
      protocol === 'tcp'
        ? new TcpConnection(owner, settings, transport)
        : new HttpConnection(owner, settings, transport, protocol),
    );
    pools.push(pool);
    return pool;
  }
}

/** The host of an authority, when it is a name: an address is no server name. */
function hostName(authority: string | undefined): string {
  const name = authority?.replace(/:\d+$/, '') ?? '';
  return /^[\d.]+$|[:\]]/.test(name) ? '' : name;
}
