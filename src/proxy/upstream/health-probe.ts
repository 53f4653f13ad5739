/**
 * Models one check of one host: a connection (kept for the next check where possible), a request and
 * a verdict on what comes back.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
 */
import type { SocketAddress } from '../../sim/network/address.ts';
import type {
  CloseKind,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { HeaderMap } from '../http/header-map.ts';
import type {
  BytesMessage,
  HttpDataMessage,
  HttpRequestMessage,
  HttpResponseMessage,
} from '../wire.ts';
import { isWithin, type HealthCheckConfig, type HttpProbe } from './health-check-config.ts';
import type { ClientHandshake, ClientTransport } from './transport-socket.ts';

export type ProbeResult =
  | { readonly kind: 'success'; readonly isDegraded: boolean }
  /** The host answered, but not well. */
  | { readonly kind: 'bad-answer'; readonly isRetriable: boolean; readonly isImmediate: boolean }
  | { readonly kind: 'network-failure' };

export interface ProbeTarget {
  readonly socket: SocketAddress;
  /** ":authority" of the check. */
  readonly authority: string;
  readonly transport: ClientTransport | undefined;
}

const REQUEST_BYTES = 120;

export class HealthProbe implements ConnectionHandler {
  readonly #namespace: NetworkNamespace;
  readonly #config: HealthCheckConfig;
  readonly #target: ProbeTarget;
  readonly #onResult: (result: ProbeResult) => void;
  #end: ConnectionEnd | undefined;
  #handshake: ClientHandshake | undefined;
  #isConnected = false;
  #isRunning = false;
  #stream = 0;
  #received = '';
  /** The verdict on an answer whose body is still to come. */
  #verdict: ProbeResult | undefined;

  constructor(
    namespace: NetworkNamespace,
    config: HealthCheckConfig,
    target: ProbeTarget,
    onResult: (result: ProbeResult) => void,
  ) {
    this.#namespace = namespace;
    this.#config = config;
    this.#target = target;
    this.#onResult = onResult;
  }

  start(): void {
    this.#isRunning = true;
    this.#received = '';
    if (this.#isConnected) {
      this.#ask();
      return;
    }
    this.#end = this.#namespace.connect(this.#target.socket, this, { owner: 'proxy' });
  }

  /** Gives up the check that runs, and the connection. */
  stop(): void {
    this.#isRunning = false;
    this.#isConnected = false;
    this.#handshake = undefined;
    const end = this.#end;
    this.#end = undefined;
    end?.close();
  }

  onConnected(end: ConnectionEnd): void {
    if (end !== this.#end) return;
    if (this.#target.transport) this.#handshake = this.#target.transport.start(end, this);
    else this.onReady();
  }

  onReady(): void {
    this.#isConnected = true;
    this.#ask();
  }

  onTransportFailure(): void {
    this.#fail();
  }

  onConnectFailed(end: ConnectionEnd): void {
    if (end === this.#end) this.#fail();
  }

  onClosed(end: ConnectionEnd, _how: CloseKind): void {
    if (end !== this.#end) return;
    if (this.#isRunning) this.#fail();
    else this.stop();
  }

  onMessage(end: ConnectionEnd, message: WireMessage): void {
    if (end !== this.#end) return;
    if (this.#handshake && !this.#handshake.isDone) {
      this.#handshake.onMessage(message);
      return;
    }
    if (!this.#isRunning) return;
    if (this.#config.probe.kind === 'tcp') this.#onBytes(message);
    else this.#onHttp(message, this.#config.probe);
  }

  #ask(): void {
    const { probe } = this.#config;
    if (probe.kind === 'http') {
      this.#end!.write(this.#request(probe), REQUEST_BYTES);
      return;
    }
    if (probe.send !== '') {
      const message: BytesMessage = { type: 'bytes', bytes: probe.send };
      this.#end!.write(message, probe.send.length);
    }
    if (probe.receive.length === 0) this.#finish({ kind: 'success', isDegraded: false }, false);
  }

  #request(probe: HttpProbe): HttpRequestMessage {
    this.#stream += 1;
    return {
      type: 'request',
      version: probe.isHttp2 ? 'HTTP/2' : 'HTTP/1.1',
      stream: this.#stream,
      headers: HeaderMap.of([
        [':method', probe.method],
        [':path', probe.path],
        [':scheme', this.#target.transport ? 'https' : 'http'],
        [':authority', this.#target.authority],
        ['user-agent', 'Envoy/HC'],
        ...probe.headers,
      ]),
      body: '',
      endStream: true,
      requestId: 0,
    };
  }

  #onHttp(message: WireMessage, probe: HttpProbe): void {
    if (message.type === 'response') {
      const { headers, endStream } = message as HttpResponseMessage;
      const status = Number(headers.get(':status'));
      if (status < 200) return;
      this.#verdict = verdictOn(status, headers, probe);
      if (endStream) this.#finish(this.#verdict, headers.get('connection') !== 'close');
      return;
    }
    const isEnd = message.type === 'trailers' || (message as HttpDataMessage).endStream;
    if (this.#verdict && isEnd) this.#finish(this.#verdict, true);
  }

  #onBytes(message: WireMessage): void {
    const { probe } = this.#config;
    if (probe.kind !== 'tcp' || message.type !== 'bytes') return;
    this.#received += (message as BytesMessage).bytes;
    let at = 0;
    for (const wanted of probe.receive) {
      const found = this.#received.indexOf(wanted, at);
      if (found < 0) return;
      at = found + wanted.length;
    }
    this.#finish({ kind: 'success', isDegraded: false }, true);
  }

  #finish(result: ProbeResult, mayReuse: boolean): void {
    this.#verdict = undefined;
    this.#isRunning = false;
    if (!mayReuse || !this.#config.reusesConnection) this.stop();
    this.#onResult(result);
  }

  #fail(): void {
    this.stop();
    this.#onResult({ kind: 'network-failure' });
  }
}

function verdictOn(status: number, headers: HeaderMap, probe: HttpProbe): ProbeResult {
  if (isWithin(probe.expected, status))
    return { kind: 'success', isDegraded: headers.has('x-envoy-degraded') };
  return {
    kind: 'bad-answer',
    isRetriable: isWithin(probe.retriable, status),
    isImmediate: headers.has('x-envoy-immediate-health-check-fail'),
  };
}
