/**
 * Models a connection from its acceptance to its hand-over: listener filters look at the first
 * bytes, a filter chain is chosen, TLS is spoken, network filters are asked, the last takes over.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/listeners/listeners
 */
import type { SocketAddress } from '../../sim/network/address.ts';
import type {
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import { writeAccessLogs } from '../access-log/access-log.ts';
import { StreamInfo, type DownstreamTls, type ResponseFlag } from '../stream-info.ts';
import type { ServerHandshake } from '../tls/server-tls.ts';
import type { Wire } from '../wire.ts';
import type { ConnectionSink, DownstreamConnection } from './downstream-connection.ts';
import { chooseChain } from './filter-chain-match.ts';
import { inspect, NOT_INSPECTED, type Inspected } from './inspection.ts';
import type { FilterChain, Listener } from './listener.ts';

/** Bytes that a connection may send before anybody reads them. Beyond that, it is closed. */
const WAITING_MESSAGES_MAX = 1024;

export class AcceptedConnection implements DownstreamConnection, ConnectionHandler {
  readonly end: ConnectionEnd;
  readonly id: number;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  tls: DownstreamTls | undefined = undefined;
  serverName = '';
  alpn = '';
  terminationDetails = '';
  flag: ResponseFlag | undefined = undefined;
  readonly #listener: Listener;
  readonly #startTime: number;
  #waiting: Wire[] = [];
  #sink: ConnectionSink | undefined = undefined;
  #handshake: ServerHandshake | undefined = undefined;
  #chain: FilterChain | undefined = undefined;
  #isInspected = false;
  #isAdmitted = false;
  #isClosed = false;
  #timer: TimerHandle = NO_TIMER;

  constructor(listener: Listener, end: ConnectionEnd, local: SocketAddress) {
    this.#listener = listener;
    this.end = end;
    this.id = end.id;
    this.local = local;
    this.remote = end.remote;
    this.#startTime = listener.proxy.simulation.now;
  }

  get listener(): string {
    return this.#listener.name;
  }

  get direction(): StreamInfo['direction'] {
    return this.#listener.direction;
  }

  get proxyIp(): string {
    return this.end.namespace.ip;
  }

  onConnected(): void {
    if (this.#isClosed) return;
    const { inspectsFor, inspectionTimeoutUs, proxy } = this.#listener;
    const looks = inspectsFor(this.local.port);
    if (!looks.tls && !looks.http) {
      this.#choose(NOT_INSPECTED);
      return;
    }
    if (inspectionTimeoutUs > 0)
      this.#timer = proxy.simulation.schedule(inspectionTimeoutUs, onTimeout, this, undefined);
  }

  onConnectFailed(): void {
    this.#listener.proxy.simulation.fail('an accepted connection cannot fail to connect');
  }

  onMessage(_end: ConnectionEnd, wire: WireMessage): void {
    if (this.#isClosed) return;
    const message = wire as Wire;
    if (this.#sink) {
      this.#deliver(message);
      return;
    }
    if (this.#handshake && !this.#handshake.isDone) {
      this.#handshake.onMessage(message);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length > WAITING_MESSAGES_MAX) this.reset();
    else if (!this.#isInspected) this.#inspect();
    else if (this.#chain?.tls) this.#startTls();
  }

  #inspect(): void {
    const looks = this.#listener.inspectsFor(this.local.port);
    const found = inspect(this.#waiting, looks.tls, looks.http);
    if (found) this.#choose(found);
  }

  /** The inspectors were given their time: go on with what is known, or give up. */
  onInspectionTimeout(): void {
    if (this.#isInspected || this.#isClosed) return;
    if (this.#listener.continuesOnTimeout) this.#choose(NOT_INSPECTED);
    else this.reset();
  }

  #choose(found: Inspected): void {
    this.#isInspected = true;
    const listener = this.#listener;
    listener.proxy.simulation.cancel(this.#timer);
    this.serverName = found.serverName;
    this.downstreamFailure = found.failure;
    const chain =
      chooseChain(listener.chains, {
        destination: this.local,
        source: this.remote,
        directSource: this.remote,
        serverName: found.serverName,
        transportProtocol: found.transportProtocol,
        applicationProtocols: found.applicationProtocols,
      }) ?? listener.defaultChain;
    if (!chain) {
      listener.stats.noFilterChainMatch.inc();
      this.flag = 'NR';
      this.terminationDetails = 'filter_chain_not_found';
      this.#note('filter-chain-not-found', found);
      // Closing a socket with bytes that nobody has read aborts it.
      if (this.#waiting.length > 0) this.reset();
      else this.close();
      return;
    }
    this.#chain = chain;
    this.#note('filter-chain-matched', found, chain);
    if (!chain.tls) this.#handOver(chain);
    else if (this.#waiting.length > 0) this.#startTls();
  }

  #startTls(): void {
    const first = this.#waiting.shift();
    const tls = this.#chain?.tls;
    if (!first || !tls || this.#handshake) return;
    this.#handshake = tls.accept(this.end, first, {
      onTlsReady: (facts) => {
        // The name stands where the inspector put it; without one it is nobody's.
        this.tls = facts;
        this.alpn = facts.alpn;
        this.#handOver(this.#chain!);
      },
      onTlsFailed: (reason) => {
        this.downstreamFailure = reason;
        this.#end();
      },
    });
  }

  downstreamFailure = '';

  #handOver(chain: FilterChain): void {
    for (const filter of chain.filters) {
      const sink = filter.open(this);
      if (sink !== 'continue') {
        this.#sink = sink;
        break;
      }
    }
    if (!this.#sink) {
      this.close();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) if (!this.#isClosed) this.#deliver(message);
  }

  /** The first bytes show whether the filters before the last let the connection in. */
  #deliver(message: Wire): void {
    if (!this.#isAdmitted) {
      this.#isAdmitted = true;
      if (!this.#chain!.filters.every((filter) => filter.admits?.(this) ?? true)) {
        this.#sink!.onClosed('fin');
        this.close();
        return;
      }
    }
    this.#sink!.onMessage(message);
  }

  onClosed(_end: ConnectionEnd, how: 'fin' | 'reset'): void {
    if (this.#isClosed) return;
    if (this.#sink) this.#sink.onClosed(how);
    else this.close();
    if (how === 'reset') this.#end();
  }

  onDrain(): void {
    if (this.#sink?.onDrain) this.#sink.onDrain();
    else if (!this.#sink) this.close();
  }

  write(message: Wire, bytes: number): void {
    this.end.write(message, bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.end.close();
    this.#end();
  }

  reset(): void {
    if (this.#isClosed) return;
    this.end.reset();
    this.#end();
  }

  /** Over, however it came: the listener counts and logs it. */
  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const listener = this.#listener;
    listener.proxy.simulation.cancel(this.#timer);
    listener.onConnectionEnd(this);
    if (listener.accessLogs.length > 0) this.#log();
  }

  #log(): void {
    const listener = this.#listener;
    const { simulation, node, observer } = listener.proxy;
    const info = new StreamInfo(
      'tcp',
      this.#startTime,
      { node, direction: listener.direction, listener: listener.name },
      this,
    );
    info.endTime = simulation.now;
    info.requestedServerName = this.serverName;
    info.downstreamTransportFailure = this.downstreamFailure;
    if (this.flag === 'NR') info.details = this.terminationDetails;
    else info.terminationDetails = this.terminationDetails;
    if (this.flag) info.setFlag(this.flag);
    writeAccessLogs(listener.accessLogs, info, observer);
  }

  #note(
    code: 'filter-chain-matched' | 'filter-chain-not-found',
    found: Inspected,
    chain?: FilterChain,
  ): void {
    const [first] = this.#waiting;
    if (first?.type !== 'request' || first.requestId === 0) return;
    const { proxy, name, resource } = this.#listener;
    proxy.journalFor(first.requestId)?.note({
      time: proxy.simulation.now,
      node: proxy.node,
      code,
      resource: { type: 'listener', name },
      origin: chain?.resource ?? resource,
      details: {
        chain: chain?.name ?? '',
        port: this.local.port,
        transportProtocol: found.transportProtocol,
        applicationProtocols: found.applicationProtocols,
        serverName: found.serverName,
      },
    });
  }
}

function onTimeout(connection: AcceptedConnection): void {
  connection.onInspectionTimeout();
}
