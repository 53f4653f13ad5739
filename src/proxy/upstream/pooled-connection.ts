/**
 * Models one connection of a pool, from SYN to close: connect time-out, transport handshake, idle
 * time-out and the statistics of connections. HTTP and TCP connections differ in what they carry.
 */
import type {
  CloseKind,
  ConnectFailure,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import { addressText } from '../../sim/network/address.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, type Micros } from '../../sim/time.ts';
import type { HttpVersion } from '../wire.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { PoolCallbacks } from './waiting-requests.ts';
import type { ResetReason, UpstreamConnectionInfo, UpstreamRequest } from './contract.ts';
import type { ClientHandshake, ClientTransport } from './transport-socket.ts';

export type PooledConnectionState = 'connecting' | 'ready' | 'busy' | 'draining' | 'closed';

/** What connections of a cluster have in common. */
export interface ConnectionSettings {
  readonly simulation: Simulation;
  readonly namespace: NetworkNamespace;
  readonly connectTimeoutUs: Micros;
  /** 0 turns the time-out off. */
  readonly idleTimeoutUs: Micros;
  readonly durationMaxUs: Micros;
  /** Streams in the life of a connection; Infinity when nobody says. */
  readonly requestsMax: number;
  readonly concurrentStreamsMax: number;
  /** upstream_bind_config: the local address of connections. */
  readonly sourceIp: string | undefined;
}

const CONNECT_FAILURES: Readonly<Record<ConnectFailure, string>> = {
  refused: 'delayed connect error: Connection refused',
  unreachable: 'delayed connect error: No route to host',
  'timed-out': 'delayed connect error: Connection timed out',
};

export abstract class PooledConnection implements ConnectionHandler {
  readonly pool: ConnectionPool;
  readonly settings: ConnectionSettings;
  state: PooledConnectionState = 'connecting';
  activeStreams = 0;
  streamsLeft: number;
  /** Is it counted against max_requests? */
  readonly countsAsRequest: boolean = true;
  protected end: ConnectionEnd | undefined;
  #info: UpstreamConnectionInfo | undefined;
  readonly #transport: ClientTransport | undefined;
  #handshake: ClientHandshake | undefined;
  #openedAt: Micros = 0;
  #idleSince: Micros = 0;
  #connectTimer: TimerHandle = NO_TIMER;
  #idleTimer: TimerHandle = NO_TIMER;
  #durationTimer: TimerHandle = NO_TIMER;

  constructor(
    pool: ConnectionPool,
    settings: ConnectionSettings,
    transport: ClientTransport | undefined,
  ) {
    this.pool = pool;
    this.settings = settings;
    this.#transport = transport;
    this.streamsLeft = settings.requestsMax;
  }

  /** How many streams it could take now, beyond those it has. */
  abstract get capacity(): number;
  /** Gives a request its stream. */
  abstract attach(request: UpstreamRequest, callbacks: PoolCallbacks): void;
  protected abstract get version(): HttpVersion;
  protected abstract onApplicationMessage(message: WireMessage): void;
  /** The connection broke: its streams, if any, must hear it. */
  protected abstract breakStreams(reason: ResetReason, transportFailureReason: string): void;
  protected abstract onRemoteFin(): void;

  /** The handshake has settled the protocol. */
  onNegotiated(): void {
    if (this.version === 'HTTP/2') this.pool.owner.stats.cxHttp2Total.inc();
    else if (this.countsAsRequest) this.pool.owner.stats.cxHttp1Total.inc();
  }

  /** The protocol that ALPN settled; "" in plain text or without agreement. */
  get negotiatedAlpn(): string {
    return this.#handshake?.alpn ?? '';
  }

  /** Facts of the connection, for the router: one object for all streams. */
  get info(): UpstreamConnectionInfo {
    this.#info ??= {
      host: this.pool.host,
      version: this.version,
      localAddress: this.end ? addressText(this.end.local) : '',
      peerIdentity: this.#handshake?.peerIdentity ?? '',
      isTls: this.#handshake !== undefined,
      requestedServerName: this.#handshake?.serverName ?? '',
    };
    return this.#info;
  }

  connect(): void {
    const { simulation, namespace, sourceIp, connectTimeoutUs } = this.settings;
    const { host, breakers, owner } = this.pool;
    this.#openedAt = simulation.now;
    host.cxTotal += 1;
    host.cxActive += 1;
    owner.stats.cxTotal.inc();
    owner.stats.cxActive.inc();
    breakers.connections.inc();
    this.#connectTimer = simulation.schedule(connectTimeoutUs, onConnectTimeout, this, undefined);
    this.end = namespace.connect(host.socket, this, {
      owner: 'proxy',
      ...(sourceIp === undefined ? {} : { source: sourceIp }),
    });
  }

  onConnected(end: ConnectionEnd): void {
    if (this.#transport) {
      this.#handshake = this.#transport.start(end, this);
      return;
    }
    this.onReady();
  }

  /** TCP and, where there is one, the transport handshake are done. */
  onReady(): void {
    if (this.state === 'closed') return;
    const { simulation, durationMaxUs } = this.settings;
    simulation.cancel(this.#connectTimer);
    this.pool.owner.stats.cxConnectMs.record(Math.floor((simulation.now - this.#openedAt) / MS));
    if (durationMaxUs > 0)
      this.#durationTimer = simulation.schedule(durationMaxUs, onDurationMax, this, undefined);
    this.pool.onConnected(this);
  }

  onConnectFailed(_end: ConnectionEnd, reason: ConnectFailure): void {
    this.#gone('remote', 'remote connection failure', CONNECT_FAILURES[reason]);
  }

  onMessage(_end: ConnectionEnd, message: WireMessage): void {
    if (this.#handshake && !this.#handshake.isDone) this.#handshake.onMessage(message);
    else if (message.type === 'tls-alert') this.closedByPeer();
    else this.onApplicationMessage(message);
  }

  /** The handshake failed. */
  onTransportFailure(transportFailureReason: string): void {
    this.#gone('remote', 'remote connection failure', transportFailureReason);
    this.end?.close();
  }

  onClosed(_end: ConnectionEnd, how: CloseKind): void {
    if (how === 'fin' && this.state !== 'connecting') {
      this.onRemoteFin();
      return;
    }
    this.closedByPeer();
  }

  protected closedByPeer(): void {
    // A reset during the handshake has no words of its own in Envoy, in the open neither.
    this.#gone('remote', 'remote connection failure', '');
    this.end?.close();
  }

  /** Ends the connection from this side, orderly. */
  close(): void {
    this.#gone('local', 'local connection failure', '');
    this.end?.close();
  }

  /** Nothing runs on it: the idle time starts. */
  startIdling(): void {
    if (this.activeStreams > 0 || this.settings.idleTimeoutUs === 0) return;
    this.#idleSince = this.settings.simulation.now;
    // One timer serves many idle times: it looks at the clock when it fires. Most connections
    // become busy again long before, and would else cancel a timer for each request.
    if (this.#idleTimer === NO_TIMER) this.#armIdleTimer(this.settings.idleTimeoutUs);
  }

  #armIdleTimer(delayUs: Micros): void {
    this.#idleTimer = this.settings.simulation.schedule(delayUs, onIdleTimer, this, undefined);
  }

  onIdleTimer(): void {
    this.#idleTimer = NO_TIMER;
    if (this.activeStreams > 0 || this.state === 'closed') return;
    const leftUs = this.#idleSince + this.settings.idleTimeoutUs - this.settings.simulation.now;
    if (leftUs > 0) {
      this.#armIdleTimer(leftUs);
      return;
    }
    this.pool.owner.stats.cxIdleTimeout.inc();
    this.close();
  }

  onConnectTimeout(): void {
    if (this.state !== 'connecting') return;
    this.pool.owner.stats.cxConnectTimeout.inc();
    this.#gone('local', 'connection timeout', '');
    this.end?.close();
  }

  /** The one way out: accounts, tells pool and streams. */
  #gone(by: 'local' | 'remote', reason: ResetReason, transportFailureReason: string): void {
    if (this.state === 'closed') return;
    const { simulation } = this.settings;
    const { host, breakers, owner } = this.pool;
    const { stats } = owner;
    const wasConnecting = this.state === 'connecting';
    simulation.cancel(this.#connectTimer);
    simulation.cancel(this.#idleTimer);
    simulation.cancel(this.#durationTimer);
    host.cxActive -= 1;
    stats.cxActive.dec();
    breakers.connections.dec();
    stats.cxDestroy.inc();
    (by === 'local' ? stats.cxDestroyLocal : stats.cxDestroyRemote).inc();
    if (this.activeStreams > 0) {
      stats.cxDestroyWithActiveRq.inc();
      (by === 'local' ? stats.cxDestroyLocalWithActiveRq : stats.cxDestroyRemoteWithActiveRq).inc();
    }
    if (wasConnecting) {
      stats.cxConnectFail.inc();
      host.cxConnectFail += 1;
    }
    stats.cxLengthMs.record(Math.floor((simulation.now - this.#openedAt) / MS));
    this.pool.onGone(this, wasConnecting ? { reason, transportFailureReason } : undefined);
    if (!wasConnecting) this.breakStreams('connection termination', transportFailureReason);
    this.pool.replenish();
  }
}

function onConnectTimeout(connection: PooledConnection): void {
  connection.onConnectTimeout();
}

function onIdleTimer(connection: PooledConnection): void {
  connection.onIdleTimer();
}

function onDurationMax(connection: PooledConnection): void {
  connection.pool.owner.stats.counter('upstream_cx_max_duration_reached').inc();
  connection.pool.startDraining(connection);
}
