/**
 * Models the connections of one proxy to one host, for one priority, protocol and transport socket:
 * which stream gets which connection, when another one is opened, and who waits.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/connection_pooling
 * Simplified: one worker; connecting to several addresses of a host at once is left out.
 */
import type { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { PendingStream, ResetReason, UpstreamHost, UpstreamRequest } from './contract.ts';
import type { Host } from './host.ts';
import type { PooledConnection } from './pooled-connection.ts';

/** What both HTTP and TCP callbacks offer. */
export interface PoolCallbacks {
  onPoolFailure(
    reason: ResetReason,
    transportFailureReason: string,
    host: UpstreamHost | undefined,
  ): void;
}

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

/** A request that waits. */
class Waiting implements PendingStream {
  readonly request: UpstreamRequest;
  readonly callbacks: PoolCallbacks;
  readonly #pool: ConnectionPool;

  constructor(pool: ConnectionPool, request: UpstreamRequest, callbacks: PoolCallbacks) {
    this.#pool = pool;
    this.request = request;
    this.callbacks = callbacks;
  }

  cancel(): void {
    this.#pool.cancel(this);
  }
}

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
  /** Oldest first. Bound: max_pending_requests. */
  #waiting: Waiting[] = [];
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
  }

  /** Nothing is connected, runs or waits. */
  get isEmpty(): boolean {
    return this.#connections.size === 0 && this.#waiting.length === 0;
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
    const waiting = new Waiting(this, request, callbacks);
    this.#waiting.push(waiting);
    stats.rqPendingTotal.inc();
    stats.rqPendingActive.inc();
    this.breakers.pendingRequests.inc();
    const opened = this.#openConnections();
    if (request.journal)
      this.owner.note(request, opened > 0 ? 'connection-opened' : 'queued', {
        host: this.host.address,
        waiting: this.#waiting.length,
        connections: this.#connections.size,
      });
    return waiting;
  }

  cancel(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#noLongerWaiting();
    this.owner.stats.rqCancelled.inc();
    // A TCP connection is opened for one client; an HTTP one may serve the next.
    if (this.key.protocol === 'tcp') this.#closeSurplus();
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
    if (this.#waiting.length > 0) this.#attachSoon();
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
    if (failure) this.#failWaiting(failure.reason, failure.transportFailureReason);
  }

  /** After a connection was lost and its streams know it: those who wait get a new one. */
  replenish(): void {
    if (this.#waiting.length > 0) this.#openConnections();
  }

  attachWaiting(): void {
    while (this.#waiting.length > 0 && this.#ready.length > 0) {
      const { request, callbacks } = this.#waiting.shift()!;
      this.#noLongerWaiting();
      this.#attach(this.#ready.at(-1)!, request, callbacks, false);
    }
    if (this.#waiting.length > 0) this.#openConnections();
  }

  /** Lets running streams end and closes everything else: the host is leaving. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of [...this.#connections])
      if (connection.state !== 'connecting' || this.#waiting.length === 0)
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
    this.host.monitor?.putConnected();
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
      return this.#waiting.length > this.#connectingCapacity;
    const wanted = (this.#waiting.length + this.#activeStreams) * ratio;
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

  #failWaiting(reason: ResetReason, transportFailureReason: string): void {
    const isTls = transportFailureReason.startsWith('TLS');
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { request, callbacks } of waiting) {
      this.#noLongerWaiting();
      this.owner.stats.rqPendingFailureEject.inc();
      if (request.journal)
        this.owner.note(request, isTls ? 'tls-failed' : 'connection-failed', {
          host: this.host.address,
          reason,
          transportFailureReason,
        });
      callbacks.onPoolFailure(reason, transportFailureReason, this.host);
    }
  }

  #noLongerWaiting(): void {
    this.owner.stats.rqPendingActive.dec();
    this.breakers.pendingRequests.dec();
  }

  /** Connections that nobody waits for any more are given up while they connect. */
  #closeSurplus(): void {
    for (const connection of [...this.#connections]) {
      if (connection.state !== 'connecting') continue;
      if (this.#connectingCapacity - connection.capacity < this.#waiting.length) continue;
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
    if (at >= 0) this.#ready.splice(at, 1);
  }

  /** The request that has waited longest is the one that the connection is for. */
  #noteHandshake(connection: PooledConnection): void {
    const request = this.#waiting[0]?.request;
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

/** Tells the pools of a host apart. */
export interface PoolKey {
  readonly priority: 'default' | 'high';
  readonly protocol: 'http1' | 'http2' | 'auto' | 'tcp';
  /** ALPN offered instead of the cluster's own. */
  readonly alpn: readonly string[] | undefined;
  /** Server name asked for instead of the transport socket's own. */
  readonly serverName: string;
  /** auto_san_validation; the same for all pools of a cluster. */
  readonly mustCarryServerName: boolean;
  /** For clusters with a pool for each downstream connection. */
  readonly downstream: object | undefined;
}

export function samePool(one: PoolKey, other: PoolKey): boolean {
  return (
    one.protocol === other.protocol &&
    one.priority === other.priority &&
    one.serverName === other.serverName &&
    one.downstream === other.downstream &&
    sameNames(one.alpn, other.alpn)
  );
}

function sameNames(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === other) return true;
  if (!one || !other || one.length !== other.length) return false;
  return one.every((name, i) => name === other[i]);
}
