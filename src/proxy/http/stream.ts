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
import type { ProxyContext } from '../context.ts';
import type { Journal, JournalStepCode } from '../journal.ts';
import { isGrpc, type RouteInput } from '../router/route-matcher.ts';
import { chooseRoute } from '../router/route-choice.ts';
import type { Route } from '../router/route.ts';
import type { WeightedCluster } from '../router/route-action.ts';
import type { RouteTable, VirtualHost } from '../router/route-table.ts';
import { splitPath } from '../router/path.ts';
import type { ResponseFlag, StreamInfo } from '../stream-info.ts';
import type { HostOverride } from '../upstream/contract.ts';
import type { HttpVersion, PeerMetadata } from '../wire.ts';
import { HeaderMap } from './header-map.ts';
import type { HttpFilter } from './http-filter.ts';
import { grpcMessage, grpcStatusOf } from './local-reply.ts';
import type { ConnectionManager, ManagedConnection } from './connection-manager.ts';

/** Who takes the request's body and hears when the client is gone: the router. */
export interface RequestSink {
  onRequestData(body: string, endStream: boolean): void;
  onRequestTrailers(): void;
  /** The stream is being given up: let go of everything upstream. */
  onStreamReset(): void;
}

export interface LocalReply {
  readonly status: number;
  readonly body: string;
  readonly details: string;
  readonly flag?: ResponseFlag;
  readonly headers?: (headers: HeaderMap) => void;
  readonly grpcStatus?: number | undefined;
}

type State = 'request' | 'response' | 'done';

export class HttpStream implements RouteInput {
  readonly proxy: ProxyContext;
  readonly manager: ConnectionManager;
  readonly connection: ManagedConnection;
  /** Names the stream on its connection. */
  readonly id: number;
  readonly version: HttpVersion;
  readonly requestId: number;
  readonly info: StreamInfo;
  readonly journal: Journal | undefined;
  headers: HeaderMap;
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
  /** The virtual cluster, "other" too, which logs leave out. */
  virtualCluster = '';
  /** The host that a stateful session asks for. */
  overrideHost: HostOverride | undefined = undefined;
  /** Set-Cookie values that hash policies and sessions made. */
  cookiesToSet: string[] | undefined = undefined;
  /** The weighted cluster that was chosen, for its per-route configuration. */
  weighted: WeightedCluster | undefined = undefined;
  routeTable: RouteTable | undefined = undefined;
  virtualHost: VirtualHost | undefined = undefined;
  #route: Route | undefined = undefined;
  #routeIsKnown = false;
  /** Some level of the route says something to a filter: nearly none does. */
  #hasFilterConfig = false;
  #state: State = 'request';
  /** The filter that decodes, or waits. */
  #at = 0;
  #isDecoding = false;
  #memory: Map<HttpFilter, unknown> | undefined = undefined;
  #random = -1;
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
    this.proxy = manager.proxy;
    this.manager = manager;
    this.connection = connection;
    this.id = request.stream;
    this.version = request.version;
    this.requestId = request.requestId;
    this.info = info;
    this.headers = request.headers;
    this.body = request.body;
    this.requestEnded = request.endStream;
    this.peer = request.peerMetadata;
    this.journal = request.requestId === 0 ? undefined : this.proxy.journalFor(request.requestId);
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

  // ---- what a route decision looks at -------------------------------------------------------

  get path(): string {
    return splitPath(this.headers.get(':path') ?? '').path;
  }

  get query(): string | undefined {
    const { rest } = splitPath(this.headers.get(':path') ?? '');
    return rest === '' ? undefined : rest.slice(1);
  }

  get isTls(): boolean {
    return this.info.tls !== undefined;
  }

  get clientCertificatePresented(): boolean {
    return this.info.tls?.peerPresented ?? false;
  }

  get clientCertificateValidated(): boolean {
    return this.clientCertificatePresented;
  }

  get metadata(): StreamInfo['dynamicMetadata'] {
    return this.info.dynamicMetadata;
  }

  filterState(key: string): unknown {
    return this.info.filterState?.get(key);
  }

  /** The stream's one random number, 32 bits; drawn when first asked for. */
  random(): number {
    if (this.#random < 0) this.#random = this.proxy.random.uint32();
    return this.#random;
  }

  /** The route of the request, decided once; undefined when there is none. */
  get route(): Route | undefined {
    if (!this.#routeIsKnown) {
      this.#routeIsKnown = true;
      this.#route = chooseRoute(this);
      this.#hasFilterConfig =
        this.#route?.perFilter !== undefined ||
        this.weighted?.perFilter !== undefined ||
        this.virtualHost?.perFilter !== undefined ||
        this.routeTable?.perFilter !== undefined;
    }
    return this.#route;
  }

  /** A retry works on a copy: the map before may still be on its way. */
  replaceHeaders(headers: HeaderMap): void {
    this.headers = headers;
    this.info.requestHeaders = headers;
  }

  /** After a filter has changed what routes are matched by. */
  clearRouteCache(): void {
    this.#routeIsKnown = false;
    this.weighted = undefined;
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

  /** The most specific route configuration of a filter; undefined when no level has any. */
  routeConfig(filter: string): object | undefined {
    const route = this.route;
    if (!this.#hasFilterConfig) return undefined;
    return (
      this.weighted?.perFilter?.get(filter)?.config ??
      route?.perFilter?.get(filter)?.config ??
      this.virtualHost?.perFilter?.get(filter)?.config ??
      this.routeTable?.perFilter?.get(filter)?.config
    );
  }

  /** Lets a filter change the response's headers when they come. */
  onRespond(change: (headers: HeaderMap) => void): void {
    (this.#onRespond ??= []).push(change);
  }

  note(
    code: JournalStepCode,
    details: Readonly<Record<string, string | number | boolean | readonly string[]>>,
    resource?: { type: string; name: string },
    origin?: object,
  ): void {
    this.journal?.note({
      time: this.proxy.simulation.now,
      node: this.proxy.node,
      code,
      resource,
      origin,
      details,
    });
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
      if (filter.decode && !this.#isDisabled(filter) && filter.decode(this) !== 'continue') break;
      this.#at += 1;
    }
    this.#isDecoding = false;
  }

  #isDisabled(filter: HttpFilter): boolean {
    const { disabledFilters } = this.manager;
    const byDefault = disabledFilters.size > 0 && disabledFilters.has(filter.name);
    const route = this.route;
    if (route === undefined || !this.#hasFilterConfig) return byDefault;
    const entry =
      this.weighted?.perFilter?.get(filter.name) ??
      route.perFilter?.get(filter.name) ??
      this.virtualHost?.perFilter?.get(filter.name) ??
      this.routeTable?.perFilter?.get(filter.name);
    return entry ? entry.disabled : byDefault;
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
    const headers = new HeaderMap([':status'], [String(reply.status)]);
    this.info.status = reply.status;
    const { body, type } = this.#localBody(headers, reply);
    if (this.isGrpc) this.#grpcReply(headers, reply, body);
    else {
      reply.headers?.(headers);
      if (body !== '') {
        headers.set('content-length', String(body.length));
        if (!headers.has('content-type') || type !== 'text/plain')
          headers.set('content-type', type);
      }
    }
    if (this.journal)
      this.note('local-reply', { status: this.info.status, details: this.info.details });
    const sink = this.sink;
    this.sink = undefined;
    const isHeadOnly = this.isGrpc || this.headers.get(':method') === 'HEAD';
    this.respond(headers, isHeadOnly ? '' : body, true);
    sink?.onStreamReset();
  }

  #localBody(headers: HeaderMap, reply: LocalReply): { body: string; type: string } {
    const replies = this.manager.config.localReplies;
    if (!replies) return { body: reply.body, type: 'text/plain' };
    this.info.responseHeaders = headers;
    return replies.rewrite(headers, this.info, reply.body);
  }

  /** A gRPC client gets 200 and the failure in headers that are trailers. */
  #grpcReply(headers: HeaderMap, reply: LocalReply, body: string): void {
    const status = reply.grpcStatus ?? grpcStatusOf(this.info.status);
    headers.set(':status', '200');
    headers.add('content-type', 'application/grpc');
    headers.add('grpc-status', String(status));
    if (body !== '') headers.add('grpc-message', grpcMessage(body));
    reply.headers?.(headers);
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
      if (filter.encode && !this.#isDisabled(filter)) filter.encode(this);
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
