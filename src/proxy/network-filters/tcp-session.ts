/** Models one TCP connection through the proxy: connect, retry to connect, relay, time out, end. */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { WireMessage } from '../../sim/network/connection.ts';
import { writeAccessLogs } from '../access-log/access-log.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { ConnectionSink, DownstreamConnection } from '../listener/downstream-connection.ts';
import { xxHash64 } from '../xx-hash.ts';
import { TCP_COMPLETE } from '../observer.ts';
import { flagOfReset } from '../router/reset-reply.ts';
import { flagsText, StreamInfo } from '../stream-info.ts';
import type {
  PendingStream,
  ResetReason,
  TcpUpstream,
  TcpUpstreamCallbacks,
  UpstreamCluster,
  UpstreamConnectionInfo,
  UpstreamHost,
} from '../upstream/contract.ts';
import type { Wire } from '../wire.ts';
import type { TcpProxy } from './tcp-proxy.ts';

const NO_HEADERS = new HeaderMap();

export class TcpSession implements TcpUpstreamCallbacks {
  readonly #proxy: TcpProxy;
  readonly #connection: DownstreamConnection;
  readonly #info: StreamInfo;
  #metadataMatch: Readonly<Record<string, unknown>> | undefined = undefined;
  #cluster: UpstreamCluster | undefined = undefined;
  #pending: PendingStream | undefined = undefined;
  #upstream: TcpUpstream | undefined = undefined;
  /** What came before there was an upstream connection. */
  #waiting: Wire[] = [];
  #attempts = 0;
  #isOver = false;
  #downstreamEnded = false;
  #idleTimer: TimerHandle = NO_TIMER;

  constructor(proxy: TcpProxy, connection: DownstreamConnection) {
    this.#proxy = proxy;
    this.#connection = connection;
    const { simulation, node } = proxy.proxy;
    const { direction, listener } = connection;
    const where = { node, direction, listener };
    this.#info = new StreamInfo('tcp', simulation.now, where, connection);
    proxy.stats.cxTotal.inc();
    proxy.stats.cxActive.inc();
  }

  start(): void {
    const { proxy } = this.#proxy;
    const { name, metadataMatch } = this.#proxy.pickCluster();
    const cluster = proxy.clusters.cluster(name);
    this.#info.cluster = name;
    if (!cluster) {
      this.#proxy.stats.cxNoRoute.inc();
      this.#info.setFlag('NC');
      this.#endDownstream();
      return;
    }
    this.#cluster = cluster;
    this.#info.clusterResource = cluster.resource;
    const own = this.#proxy.metadataMatch;
    this.#metadataMatch = metadataMatch ? { ...own, ...metadataMatch } : own;
    this.#touch();
    this.#connect();
  }

  #connect(): void {
    const { maxConnectAttempts, hashesSourceIp } = this.#proxy;
    const cluster = this.#cluster!;
    if (this.#attempts >= maxConnectAttempts) {
      cluster.count('upstream_cx_connect_attempts_exceeded');
      this.#info.setFlag('URX');
      this.#endDownstream();
      return;
    }
    this.#attempts += 1;
    const { end, remote, serverName } = this.#connection;
    const pending = cluster.newTcpConnection(
      {
        context: {
          hashKey: hashesSourceIp ? xxHash64(remote.ip) : undefined,
          metadataMatch: this.#metadataMatch,
          requestHeaders: NO_HEADERS,
          downstreamConnection: end,
          hostsTried: [],
          rejectHost: undefined,
          hostSelectionAttemptsMax: 1,
          prioritiesTried: [],
        },
        priority: 'default',
        downstreamVersion: 'HTTP/1.1',
        alpnOverride: undefined,
        requestedServerName: serverName,
        requestId: 0,
        journal: undefined,
      },
      this,
    );
    if (typeof pending === 'string') {
      this.#info.setFlag('UH');
      this.#endDownstream();
    } else if (!this.#upstream && !this.#isOver) this.#pending = pending;
  }

  // ---- upstream -----------------------------------------------------------------------------

  onPoolReady(upstream: TcpUpstream, info: UpstreamConnectionInfo): void {
    if (this.#isOver) {
      upstream.close('fin');
      return;
    }
    this.#pending = undefined;
    this.#upstream = upstream;
    this.#info.attempts = this.#attempts;
    this.#info.upstreamHost = info.host;
    this.#info.upstreamConnection = info;
    for (const message of this.#waiting) upstream.relay(message, bytesOf(message));
    this.#waiting = [];
    if (this.#downstreamEnded) this.#onDownstreamClosed('fin');
  }

  onPoolFailure(
    reason: ResetReason,
    transportFailure: string,
    host: UpstreamHost | undefined,
  ): void {
    if (this.#isOver) return;
    this.#pending = undefined;
    this.#info.upstreamHost = host;
    this.#info.upstreamTransportFailure = transportFailure;
    this.#info.setFlag(flagOfReset(reason));
    if (reason === 'overflow') {
      this.#endDownstream();
      return;
    }
    this.#info.attempts = this.#attempts;
    this.#connect();
  }

  onBytes(bytes: string): void {
    this.onMessage({ type: 'bytes', bytes } as Wire);
  }

  onMessage(wire: WireMessage): void {
    if (this.#isOver) return;
    const message = wire as Wire;
    const bytes = bytesOf(message);
    this.#info.bytesSent += bytes;
    this.#proxy.stats.txBytes.inc(bytes);
    this.#touch();
    this.#connection.write(message, bytes);
  }

  // ---- downstream ---------------------------------------------------------------------------

  /** What the listener gives the connection's messages to. */
  readonly downstream: ConnectionSink = {
    onMessage: (message) => this.#relayUp(message),
    onClosed: (how) => this.#onDownstreamClosed(how),
  };

  #relayUp(message: Wire): void {
    if (this.#isOver) return;
    const bytes = bytesOf(message);
    this.#info.bytesReceived += bytes;
    this.#proxy.stats.rxBytes.inc(bytes);
    this.#touch();
    if (this.#upstream) this.#upstream.relay(message, bytes);
    else this.#waiting.push(message);
  }

  /** Simplified: a FIN ends both directions. */
  onClosed(how: 'fin' | 'reset'): void {
    if (how === 'reset') this.#info.setFlag('UR');
    this.#endDownstream();
  }

  #onDownstreamClosed(how: 'fin' | 'reset'): void {
    if (how === 'fin' && !this.#upstream && this.#pending) {
      this.#downstreamEnded = true;
      return;
    }
    this.#endUpstream(how);
    this.#endDownstream();
  }

  #touch(): void {
    const { idleTimeoutUs, proxy } = this.#proxy;
    if (idleTimeoutUs === 0) return;
    proxy.simulation.cancel(this.#idleTimer);
    this.#idleTimer = proxy.simulation.schedule(idleTimeoutUs, onIdle, this, undefined);
  }

  onIdle(): void {
    this.#proxy.stats.idleTimeout.inc();
    this.#endUpstream('fin');
    this.#endDownstream();
  }

  #endUpstream(how: 'fin' | 'reset'): void {
    this.#upstream?.close(how);
    this.#upstream = undefined;
  }

  #endDownstream(): void {
    this.#finish();
    this.#connection.close();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { proxy, stats, accessLogs } = this.#proxy;
    proxy.simulation.cancel(this.#idleTimer);
    this.#pending?.cancel();
    stats.cxActive.dec();
    const info = this.#info;
    info.endTime = proxy.simulation.now;
    info.terminationDetails = this.#connection.terminationDetails;
    const { trace } = proxy.simulation;
    trace.record(
      TCP_COMPLETE,
      info.endTime,
      trace.intern(proxy.node),
      trace.intern(flagsText(info.flags)),
      info.bytesSent,
      info.endTime - info.startTime,
    );
    proxy.observer.onStreamComplete(info);
    writeAccessLogs(accessLogs, info, proxy.observer);
  }
}

function onIdle(session: TcpSession): void {
  session.onIdle();
}

/** Payload bytes, as far as a message says. */
function bytesOf(message: Wire): number {
  if (message.type === 'bytes') return message.bytes.length;
  if (message.type === 'request' || message.type === 'response')
    return message.headers.byteSize + message.body.length;
  return message.type === 'data' ? message.body.length : 0;
}
