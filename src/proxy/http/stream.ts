/**
 * Models one HTTP request and its response on their way through the filter chain.
 *
 * Filters run in order on the request, in reverse order on the response. Whoever receives headers
 * from another party copies them before changing them; so a message may be sent by reference.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Micros } from '../../sim/time.ts';
import { isGrpc } from '../router/route-matcher.ts';
import type { ResponseFlag, StreamInfo } from '../stream-info.ts';
import type { HostOverride } from '../upstream/contract.ts';
import type { HttpVersion, PeerMetadata } from '../wire.ts';
import type { ConnectionManager, ManagedConnection } from './connection-manager.ts';
import { HeaderMap } from './header-map.ts';
import type { HttpFilter } from './http-filter.ts';
import { composeReply, type LocalReply } from './local-answer.ts';
import { RoutedRequest } from './routed-request.ts';

/** Who takes the request's body and hears when the client is gone: the router. */
export interface RequestSink {
  onRequestData(body: string, endStream: boolean): void;
  onRequestTrailers(): void;
  /** The stream is being given up: let go of everything upstream. */
  onStreamReset(): void;
}

type State = 'request' | 'response' | 'done';

export class HttpStream extends RoutedRequest {
  readonly connection: ManagedConnection;
  /** Names the stream on its connection. */
  readonly id: number;
  readonly version: HttpVersion;
  readonly requestId: number;
  /** The body as far as it has come; the router sends it from here. */
  body: string;
  requestEnded: boolean;
  requestTrailers: HeaderMap | undefined = undefined;
  responseHeaders: HeaderMap | undefined = undefined;
  peer: PeerMetadata | undefined;
  sink: RequestSink | undefined = undefined;
  isGrpc = false;
  /** The caller's proxy named the operation of its span. */
  hadOperation = false;
  /** Bytes flow both ways after a 101. */
  isUpgrade = false;
  /** The ALPN that istio.alpn wants offered upstream. */
  alpnOverride: readonly string[] | undefined = undefined;
  isLocalReply = false;
  clientWantsKeepAlive = false;
  /** The host that a stateful session asks for. */
  overrideHost: HostOverride | undefined = undefined;
  /** Set-Cookie values that hash policies and sessions made. */
  cookiesToSet: string[] | undefined = undefined;
  #state: State = 'request';
  /** The filter that decodes, or waits. */
  #at = 0;
  #isDecoding = false;
  #memory: Map<HttpFilter, unknown> | undefined = undefined;
  #idleTimer: TimerHandle = NO_TIMER;
  #onRespond: ((headers: HeaderMap) => void)[] | undefined = undefined;
  #idleTimeoutUs: Micros = 0;
  #timers: TimerHandle[] | undefined = undefined;

  constructor(
    manager: ConnectionManager,
    connection: ManagedConnection,
    info: StreamInfo,
    request: {
      readonly stream: number;
      readonly version: HttpVersion;
      readonly headers: HeaderMap;
      readonly body: string;
      readonly endStream: boolean;
      readonly requestId: number;
      readonly peerMetadata?: PeerMetadata | undefined;
    },
  ) {
    super(manager, info, request.headers, request.requestId);
    this.connection = connection;
    this.id = request.stream;
    this.version = request.version;
    this.requestId = request.requestId;
    this.body = request.body;
    this.requestEnded = request.endStream;
    this.peer = request.peerMetadata;
    info.requestId = request.requestId;
    info.requestHeaders = request.headers;
    info.bytesReceived = request.body.length;
    if (request.endStream) info.requestEndTime = info.startTime;
  }

  /** For an answer to bytes that never became a request. */
  static ofBrokenRequest(connection: ManagedConnection, info: StreamInfo): HttpStream {
    const stream = new HttpStream(connection.manager, connection, info, {
      stream: 0,
      version: 'HTTP/1.1',
      headers: new HeaderMap(),
      body: '',
      endStream: false,
      requestId: 0,
    });
    return stream;
  }

  // ---- for filters --------------------------------------------------------------------------

  get isDone(): boolean {
    return this.#state === 'done';
  }

  get hasResponded(): boolean {
    return this.#state !== 'request';
  }

  /** What a filter keeps with this stream. */
  recall(filter: HttpFilter): unknown {
    return this.#memory?.get(filter);
  }

  remember(filter: HttpFilter, value: unknown): void {
    (this.#memory ??= new Map<HttpFilter, unknown>()).set(filter, value);
  }

  /** Lets a filter change the response's headers when they come. */
  onRespond(change: (headers: HeaderMap) => void): void {
    (this.#onRespond ??= []).push(change);
  }

  // ---- request ------------------------------------------------------------------------------

  /** Starts timers and the filter chain. */
  start(): void {
    this.isGrpc = isGrpc(this.headers);
    this.info.isGrpc = this.isGrpc;
    this.manager.startTimers(this);
    if (this.manager.isTraced) {
      this.hadOperation = this.headers.has('x-envoy-decorator-operation');
      this.manager.decorateRequest(this);
    }
    if (!this.isDone && !this.hasResponded) this.#decode();
  }

  /** A filter that said `stop` lets the request go on. */
  continueDecoding(): void {
    if (this.#state !== 'request' || this.#isDecoding) return;
    this.#at += 1;
    this.#decode();
  }

  #decode(): void {
    const { filters } = this.manager;
    this.#isDecoding = true;
    while (this.#at < filters.length && this.#state === 'request') {
      const filter = filters[this.#at]!;
      if (filter.decode && !this.isDisabled(filter) && filter.decode(this) !== 'continue') break;
      this.#at += 1;
    }
    this.#isDecoding = false;
  }

  onData(body: string, endStream: boolean): void {
    if (this.isDone) return;
    this.info.bytesReceived += body.length;
    this.touch();
    if (endStream) this.#requestEnds();
    if (this.sink) {
      this.sink.onRequestData(body, endStream);
      return;
    }
    this.body += body;
    if (this.#state === 'request') this.#decode();
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.isDone) return;
    this.requestTrailers = trailers;
    this.#requestEnds();
    if (this.sink) this.sink.onRequestTrailers();
    else if (this.#state === 'request') this.#decode();
  }

  #requestEnds(): void {
    this.requestEnded = true;
    this.info.requestEndTime = this.proxy.simulation.now;
  }

  /** The client has gone, or its stream was reset. */
  onDownstreamReset(flag: ResponseFlag, details: string): void {
    if (this.isDone) return;
    this.info.setFlag(flag);
    this.info.details = details;
    this.sink?.onStreamReset();
    this.#finish();
  }

  // ---- response -----------------------------------------------------------------------------

  sendLocalReply(reply: LocalReply): void {
    if (this.isDone) return;
    if (reply.flag) this.info.setFlag(reply.flag);
    this.info.details = reply.details.replaceAll(' ', '_');
    if (this.#state === 'response') {
      this.resetResponse();
      return;
    }
    this.isLocalReply = true;
    // A bad request may mean that the two no longer agree where messages end.
    if (reply.status === 400 && this.version !== 'HTTP/2') this.connection.closeAfterResponse();
    const { headers, body } = composeReply(this, reply);
    if (this.journal)
      this.note('local-reply', { status: this.info.status, details: this.info.details });
    const sink = this.sink;
    this.sink = undefined;
    const isHeadOnly = this.isGrpc || this.headers.get(':method') === 'HEAD';
    this.respond(headers, isHeadOnly ? '' : body, true);
    sink?.onStreamReset();
  }

  /** Response headers (and what of the body comes with them) go down through the filters. */
  respond(headers: HeaderMap, body: string, endStream: boolean): void {
    if (this.isDone) return;
    this.responseHeaders = headers;
    this.info.responseHeaders = headers;
    const { filters } = this.manager;
    this.#state = 'response';
    // All of them, also those the request has not reached: a refusal gets CORS headers, too.
    for (let i = filters.length - 1; i >= 0; i--) {
      const filter = filters[i]!;
      if (filter.encode && !this.isDisabled(filter)) filter.encode(this);
    }
    if (this.#onRespond) for (const change of this.#onRespond) change(headers);
    this.manager.finishResponseHeaders(this, headers);
    this.info.status = Number(headers.get(':status'));
    const grpcStatus = headers.get('grpc-status');
    if (grpcStatus !== undefined) this.info.grpcStatus = grpcStatus;
    this.info.responseFirstByteTime = this.proxy.simulation.now;
    this.info.bytesSent += body.length;
    this.touch();
    this.connection.sendHeaders(this, headers, body, endStream);
    if (endStream) this.#finish();
  }

  /** An interim response (100, 103): passed on, changes nothing. */
  respondInterim(headers: HeaderMap): void {
    if (this.#state === 'request') this.connection.sendInterim(this, headers);
  }

  respondData(body: string, endStream: boolean): void {
    if (this.isDone) return;
    this.info.bytesSent += body.length;
    this.touch();
    this.connection.sendData(this, body, endStream);
    if (endStream) this.#finish();
  }

  respondTrailers(trailers: HeaderMap): void {
    if (this.isDone) return;
    this.info.responseTrailers = trailers;
    this.info.grpcStatus = trailers.get('grpc-status') ?? this.info.grpcStatus;
    this.connection.sendTrailers(this, trailers);
    this.#finish();
  }

  /** A response that has begun cannot be finished: the client sees a reset. */
  resetResponse(): void {
    if (this.isDone) return;
    this.sink?.onStreamReset();
    this.connection.sendReset(this);
    this.#finish();
  }

  // ---- time ---------------------------------------------------------------------------------

  /** Calls `handler` after `delay` unless the stream is over by then. */
  after(delay: Micros, handler: (stream: HttpStream) => void): void {
    const timer = this.proxy.simulation.schedule(delay, runIfAlive, this, handler);
    (this.#timers ??= []).push(timer);
  }

  setIdleTimeout(timeoutUs: Micros): void {
    this.#idleTimeoutUs = timeoutUs;
    this.touch();
  }

  /** Something happened: the idle timer starts again. */
  touch(): void {
    if (this.#idleTimeoutUs === 0 && this.#idleTimer === NO_TIMER) return;
    const { simulation } = this.proxy;
    simulation.cancel(this.#idleTimer);
    this.#idleTimer = NO_TIMER;
    if (this.#idleTimeoutUs > 0)
      this.#idleTimer = simulation.schedule(this.#idleTimeoutUs, onIdle, this, undefined);
  }

  #finish(): void {
    this.#state = 'done';
    const { simulation } = this.proxy;
    this.info.endTime = simulation.now;
    if (this.#idleTimer !== NO_TIMER) simulation.cancel(this.#idleTimer);
    if (this.#timers) for (const timer of this.#timers) simulation.cancel(timer);
    this.manager.onStreamDone(this);
    this.connection.onStreamDone(this);
  }
}

function runIfAlive(stream: HttpStream, handler: (stream: HttpStream) => void): void {
  if (!stream.isDone) handler(stream);
}

function onIdle(stream: HttpStream): void {
  if (!stream.isDone) stream.manager.onStreamIdle(stream);
}
