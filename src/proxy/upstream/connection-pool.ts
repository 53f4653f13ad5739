/**
 * Models the connections of one proxy to one host, for one priority, protocol and transport socket:
 * which stream gets which connection, when another one is opened, and who waits.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/connection_pooling
 * Simplified: one worker; connecting to several addresses of a host at once is left out.
 */
import type { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { PendingStream, ResetReason, UpstreamRequest } from './contract.ts';
import type { Host } from './host.ts';
import type { PoolKey } from './pool-key.ts';
import type { PooledConnection } from './pooled-connection.ts';
import { WaitingRequests, type PoolCallbacks } from './waiting-requests.ts';

/** What happens to a request here that its journal may want to know. */
export type PoolStep =
  | 'connection-opened'
  | 'connection-reused'
  | 'connection-failed'
  | 'queued'
  | 'overflow'
  | 'tls-handshake'
  | 'tls-failed';

/** What a pool needs of the cluster its host belongs to. */
export interface PoolOwner {
  readonly stats: ClusterStats;
  /** At least 1: how many connections to keep for each stream that is wanted. */
  readonly preconnectRatio: number;
  /** Calls `action` in an event of its own, at this same instant. */
  soon(action: (pool: ConnectionPool) => void, pool: ConnectionPool): void;
  note(
    request: UpstreamRequest,
    code: PoolStep,
    details: Readonly<Record<string, string | number | boolean>>,
  ): void;
}

/** Preconnecting opens at most so many connections for one request. */
const NEW_CONNECTIONS_MAX = 3;

/** For requests that need not wait. */
export const NOT_PENDING: PendingStream = Object.freeze({ cancel: () => undefined });

export class ConnectionPool {
  readonly host: Host;
  readonly breakers: CircuitBreakers;
  readonly owner: PoolOwner;
  readonly #open: (pool: ConnectionPool) => PooledConnection;
  /** Tells pools of a host apart: priority, protocol, transport socket options. */
  readonly key: PoolKey;
  readonly #connections = new Set<PooledConnection>();
  /** The last one is the next to be used: the one used most recently. */
  readonly #ready: PooledConnection[] = [];
  readonly #waiting: WaitingRequests;
  /** Streams that connections which are still connecting will be able to carry. */
  #connectingCapacity = 0;
  #activeStreams = 0;
  #isDraining = false;
  #isAttachScheduled = false;

  constructor(
    host: Host,
    key: PoolKey,
    breakers: CircuitBreakers,
    owner: PoolOwner,
    open: (pool: ConnectionPool) => PooledConnection,
  ) {
    this.host = host;
    this.key = key;
    this.breakers = breakers;
    this.owner = owner;
    this.#open = open;
    this.#waiting = new WaitingRequests(this);
  }

  /** Nothing is connected, runs or waits. */
  get isEmpty(): boolean {
    return this.#connections.size === 0 && this.#waiting.count === 0;
  }

  /** Attaches the request to a connection now, lets it wait, or refuses it. */
  newStream(request: UpstreamRequest, callbacks: PoolCallbacks): PendingStream {
    const connection = this.#ready.at(-1);
    if (connection) {
      this.#attach(connection, request, callbacks, true);
      if (this.owner.preconnectRatio > 1) this.#openConnections();
      return NOT_PENDING;
    }
    const { stats } = this.owner;
    if (!this.breakers.pendingRequests.canCreate) {
      stats.rqPendingOverflow.inc();
      this.#noteOverflow(request, 'pending_requests', this.breakers.pendingRequests.max);
      callbacks.onPoolFailure('overflow', '', undefined);
      return NOT_PENDING;
    }
    const waiting = this.#waiting.add(request, callbacks);
    const opened = this.#openConnections();
    if (request.journal)
      this.owner.note(request, opened > 0 ? 'connection-opened' : 'queued', {
        host: this.host.address,
        waiting: this.#waiting.count,
        connections: this.#connections.size,
      });
    return waiting;
  }

  /** Somebody who waited has gone. */
  onCancelled(): void {
    // A TCP connection is opened for one client; an HTTP one may serve the next.
    if (this.key.protocol === 'tcp') this.#closeSurplus();
  }

  /** A request got no connection; HTTP's router reports that itself. */
  onFailed(reason: ResetReason): void {
    if (this.key.protocol !== 'tcp') return;
    const isTimeout = reason === 'connection timeout';
    this.host.monitor?.put({ kind: isTimeout ? 'timeout' : 'connect-failure' });
  }

  /** A connection is there. */
  onConnected(connection: PooledConnection): void {
    this.#connectingCapacity -= connection.capacity;
    // The protocol is known only now: the limit may change with it.
    connection.onNegotiated();
    connection.state = 'ready';
    this.#ready.push(connection);
    this.#noteHandshake(connection);
    this.attachWaiting();
    if (this.#isDraining) this.drain();
    else connection.startIdling();
  }

  /** A stream of this connection has ended. */
  onStreamClosed(connection: PooledConnection): void {
    this.#activeStreams -= 1;
    connection.activeStreams -= 1;
    this.host.rqActive -= 1;
    this.owner.stats.rqActive.dec();
    this.breakers.requests.dec();
    if (connection.state === 'closed') return;
    if (connection.state === 'draining') {
      if (connection.activeStreams === 0) connection.close();
      return;
    }
    if (connection.state === 'busy') {
      connection.state = 'ready';
      this.#ready.push(connection);
    }
    if (this.#waiting.count > 0) this.#attachSoon();
    else connection.startIdling();
  }

  /** The connection takes no more streams. */
  startDraining(connection: PooledConnection): void {
    if (connection.state === 'closed' || connection.state === 'draining') return;
    if (connection.state === 'ready') this.#removeReady(connection);
    if (connection.state === 'connecting') this.#connectingCapacity -= connection.capacity;
    connection.state = 'draining';
    if (connection.activeStreams === 0) connection.close();
  }

  /**
   * The connection is gone; its own state is still what it was. `failure` is set when it never
   * came to be: then everybody who waits fails with it.
   */
  onGone(
    connection: PooledConnection,
    failure: { reason: ResetReason; transportFailureReason: string } | undefined,
  ): void {
    const { state } = connection;
    if (state === 'ready') this.#removeReady(connection);
    if (state === 'connecting') this.#connectingCapacity -= connection.capacity;
    connection.state = 'closed';
    this.#connections.delete(connection);
    if (failure) this.#waiting.failAll(failure.reason, failure.transportFailureReason);
    // Nobody else will ever use the pool of one downstream connection.
    if (this.key.downstream && this.isEmpty)
      this.host.pools.splice(this.host.pools.indexOf(this), 1);
  }

  /** After a connection was lost and its streams know it: those who wait get a new one. */
  replenish(): void {
    if (this.#waiting.count > 0) this.#openConnections();
  }

  attachWaiting(): void {
    while (this.#waiting.count > 0 && this.#ready.length > 0) {
      const { request, callbacks } = this.#waiting.takeFirst()!;
      this.#attach(this.#ready.at(-1)!, request, callbacks, false);
    }
    if (this.#waiting.count > 0) this.#openConnections();
  }

  /** Lets running streams end and closes everything else: the host is leaving. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of [...this.#connections])
      if (connection.state !== 'connecting' || this.#waiting.count === 0)
        this.startDraining(connection);
  }

  #attach(
    connection: PooledConnection,
    request: UpstreamRequest,
    callbacks: PoolCallbacks,
    isReused: boolean,
  ): void {
    const { stats } = this.owner;
    if (connection.countsAsRequest && !this.breakers.requests.canCreate) {
      stats.rqActiveOverflow.inc();
      this.#noteOverflow(request, 'requests', this.breakers.requests.max);
      callbacks.onPoolFailure('overflow', '', this.host);
      return;
    }
    connection.streamsLeft -= 1;
    connection.activeStreams += 1;
    this.#activeStreams += 1;
    if (connection.streamsLeft === 0) {
      stats.cxMaxRequests.inc();
      this.#removeReady(connection);
      connection.state = 'draining';
    } else if (connection.capacity === 0) {
      this.#removeReady(connection);
      connection.state = 'busy';
    }
    this.host.rqTotal += 1;
    this.host.rqActive += 1;
    stats.rqTotal.inc();
    stats.rqActive.inc();
    this.breakers.requests.inc();
    if (request.journal && isReused)
      this.owner.note(request, 'connection-reused', {
        host: this.host.address,
        connections: this.#connections.size,
      });
    this.host.monitor?.putConnected(this.key.protocol === 'tcp');
    connection.attach(request, callbacks);
  }

  /** Opens what is missing; how many that were. */
  #openConnections(): number {
    for (let opened = 0; opened < NEW_CONNECTIONS_MAX; opened++)
      if (!this.#openConnection()) return opened;
    return NEW_CONNECTIONS_MAX;
  }

  #openConnection(): boolean {
    if (!this.#needsConnection()) return false;
    const { connections } = this.breakers;
    const isAllowed =
      connections.canCreate && this.host.cxActive < this.breakers.connectionsPerHostMax;
    if (!isAllowed) this.owner.stats.cxOverflow.inc();
    // A pool with no connection at all gets one whatever the limit: else those who wait in it
    // would wait for ever.
    if (!isAllowed && this.#connections.size > 0) return false;
    const connection = this.#open(this);
    this.#connections.add(connection);
    this.#connectingCapacity += connection.capacity;
    connection.connect();
    return isAllowed;
  }

  #needsConnection(): boolean {
    const ratio = this.owner.preconnectRatio;
    if (ratio === 1 || this.host.health === 'unhealthy')
      return this.#waiting.count > this.#connectingCapacity;
    const wanted = (this.#waiting.count + this.#activeStreams) * ratio;
    let capacity = this.#activeStreams;
    for (const connection of this.#connections)
      if (connection.state !== 'draining') capacity += connection.capacity;
    return wanted > capacity;
  }

  #attachSoon(): void {
    if (this.#isAttachScheduled) return;
    this.#isAttachScheduled = true;
    // Not at once: the peer may be about to close the connection right after its answer.
    this.owner.soon(attachWaiting, this);
  }

  onAttachTime(): void {
    this.#isAttachScheduled = false;
    this.attachWaiting();
  }

  /** Connections that nobody waits for any more are given up while they connect. */
  #closeSurplus(): void {
    for (const connection of [...this.#connections]) {
      if (connection.state !== 'connecting') continue;
      if (this.#connectingCapacity - connection.capacity < this.#waiting.count) continue;
      if (this.owner.preconnectRatio > 1) continue;
      connection.close();
    }
  }

  /** Ends everything, also what runs: the host has gone down and the cluster wants it so. */
  closeAll(): void {
    for (const connection of [...this.#connections]) connection.close();
  }

  #removeReady(connection: PooledConnection): void {
    const at = this.#ready.lastIndexOf(connection);
    // Nearly always the last one, and `pop` makes no list of what it took out.
    if (at === this.#ready.length - 1) this.#ready.pop();
    else if (at >= 0) this.#ready.splice(at, 1);
  }

  /** The request that has waited longest is the one that the connection is for. */
  #noteHandshake(connection: PooledConnection): void {
    const request = this.#waiting.first?.request;
    if (!request?.journal || !connection.info.isTls) return;
    const { peerIdentity, requestedServerName } = connection.info;
    this.owner.note(request, 'tls-handshake', {
      host: this.host.address,
      serverName: requestedServerName,
      alpn: connection.negotiatedAlpn,
      peerIdentity,
    });
  }

  #noteOverflow(request: UpstreamRequest, limit: string, max: number): void {
    if (request.journal)
      this.owner.note(request, 'overflow', { host: this.host.address, limit, max });
  }
}

function attachWaiting(pool: ConnectionPool): void {
  pool.onAttachTime();
}
