/**
 * Models an upstream HTTP connection: one stream at a time in HTTP/1, many in HTTP/2.
 *
 * Spec: RFC 9112 (section 9), RFC 9113 (section 5). Simplified: no flow control, no SETTINGS.
 */
import type { WireMessage } from '../../sim/network/connection.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { StreamMap } from '../http/stream-map.ts';
import type {
  HttpResetMessage,
  HttpResponseMessage,
  HttpVersion,
  PeerMetadata,
  Wire,
} from '../wire.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { PoolCallbacks } from './waiting-requests.ts';
import type {
  ResetReason,
  UpstreamCallbacks,
  UpstreamRequest,
  UpstreamStream,
} from './contract.ts';
import { PooledConnection, type ConnectionSettings } from './pooled-connection.ts';
import type { ClientTransport } from './transport-socket.ts';

/** Frame header and framing of a message, roughly; header names and values come on top. */
const FRAME_BYTES = 9;

/** One request and its answer on a connection. */
class HttpStream implements UpstreamStream {
  readonly connection: HttpConnection;
  readonly id: number;
  readonly callbacks: UpstreamCallbacks;
  readonly requestId: number;
  isRequestComplete = false;
  /** HTTP/1: if the connection ends now, the answer is cut short, which is an error of its own. */
  isResponseStarted = false;
  isOpen = true;

  constructor(
    connection: HttpConnection,
    id: number,
    callbacks: UpstreamCallbacks,
    requestId: number,
  ) {
    this.connection = connection;
    this.id = id;
    this.callbacks = callbacks;
    this.requestId = requestId;
  }

  encodeHeaders(
    headers: HeaderMap,
    body: string,
    endStream: boolean,
    peerMetadata: PeerMetadata | undefined,
  ): void {
    if (!this.isOpen) return;
    this.isRequestComplete = endStream;
    const { id: stream, requestId } = this;
    const version = this.connection.versionSpoken;
    this.connection.send(
      { type: 'request', version, stream, headers, body, endStream, peerMetadata, requestId },
      headers.byteSize + body.length + FRAME_BYTES,
    );
  }

  encodeData(body: string, endStream: boolean): void {
    if (!this.isOpen) return;
    this.isRequestComplete = endStream;
    this.connection.send(
      { type: 'data', stream: this.id, body, endStream },
      body.length + FRAME_BYTES,
    );
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (!this.isOpen) return;
    this.isRequestComplete = true;
    this.connection.send(
      { type: 'trailers', stream: this.id, trailers },
      trailers.byteSize + FRAME_BYTES,
    );
  }

  reset(): void {
    if (this.isOpen) this.connection.resetStream(this);
  }
}

const RESET_REASONS: Readonly<Record<HttpResetMessage['reason'], ResetReason>> = {
  cancel: 'remote reset',
  'internal-error': 'remote reset',
  'protocol-error': 'protocol error',
  'refused-stream': 'remote refused stream reset',
};

export type HttpProtocol = 'http1' | 'http2' | 'auto';

export class HttpConnection extends PooledConnection {
  #isHttp2: boolean;
  readonly #negotiates: boolean;
  /** HTTP/1: the stream that runs. */
  #current: HttpStream | undefined;
  /** HTTP/2: the streams that run. Bound: max_concurrent_streams. */
  readonly #streams = new StreamMap<HttpStream>();
  #nextStream = 1;
  /** The peer wants the connection closed after this answer. */
  #closesAfterResponse = false;

  constructor(
    pool: ConnectionPool,
    settings: ConnectionSettings,
    transport: ClientTransport | undefined,
    protocol: HttpProtocol,
  ) {
    super(pool, settings, transport);
    this.#isHttp2 = protocol !== 'http1';
    this.#negotiates = protocol === 'auto';
  }

  get capacity(): number {
    const concurrent = this.#isHttp2 ? this.settings.concurrentStreamsMax : 1;
    return Math.min(this.streamsLeft, concurrent - this.activeStreams);
  }

  protected get version(): HttpVersion {
    return this.#isHttp2 ? 'HTTP/2' : 'HTTP/1.1';
  }

  get versionSpoken(): HttpVersion {
    return this.version;
  }

  override onNegotiated(): void {
    if (this.#negotiates) this.#isHttp2 = /h2$/.test(this.negotiatedAlpn);
    super.onNegotiated();
  }

  attach(request: UpstreamRequest, callbacks: PoolCallbacks): void {
    const router = callbacks as UpstreamCallbacks;
    const stream = new HttpStream(this, this.#nextStream++, router, request.requestId);
    if (this.#isHttp2) this.#streams.set(stream.id, stream);
    else this.#current = stream;
    router.onPoolReady(stream, this.info);
  }

  send(message: Wire, bytes: number): void {
    this.pool.owner.stats.cxTxBytesTotal.inc(bytes);
    this.end!.write(message, bytes);
  }

  /** The router lets go of a stream. */
  resetStream(stream: HttpStream): void {
    if (!this.#isHttp2) {
      // HTTP/1 has no other way to take a request back.
      stream.isOpen = false;
      this.close();
      return;
    }
    this.pool.owner.stats.rqTxReset.inc();
    this.send({ type: 'stream-reset', stream: stream.id, reason: 'cancel' }, FRAME_BYTES + 4);
    this.#finish(stream);
  }

  protected onApplicationMessage(message: WireMessage): void {
    const wire = message as Wire;
    switch (wire.type) {
      case 'response':
        this.#onResponse(wire);
        return;
      case 'data': {
        const stream = this.#streamOf(wire.stream);
        if (!stream) return;
        this.pool.owner.stats.cxRxBytesTotal.inc(wire.body.length + FRAME_BYTES);
        stream.callbacks.onResponseData(wire.body, wire.endStream);
        if (wire.endStream) this.#onResponseComplete(stream);
        return;
      }
      case 'trailers': {
        const stream = this.#streamOf(wire.stream);
        if (!stream) return;
        stream.callbacks.onResponseTrailers(wire.trailers);
        this.#onResponseComplete(stream);
        return;
      }
      case 'stream-reset': {
        const stream = this.#streamOf(wire.stream);
        if (!stream) return;
        this.pool.owner.stats.rqRxReset.inc();
        this.#finish(stream);
        stream.callbacks.onReset(RESET_REASONS[wire.reason], '');
        return;
      }
      case 'goaway':
        this.pool.owner.stats.counter('upstream_cx_close_notify').inc();
        this.pool.startDraining(this);
        return;
      default:
        // Not HTTP: the peer speaks something else.
        this.#breakProtocol();
    }
  }

  protected breakStreams(reason: ResetReason, transportFailureReason: string): void {
    const streams = this.#current ? [this.#current] : this.#streams.all();
    const broken = this.#current?.isResponseStarted ? 'protocol error' : reason;
    if (broken !== reason) this.pool.owner.stats.cxProtocolError.inc();
    this.#current = undefined;
    this.#streams.clear();
    for (const stream of streams) {
      if (this.#isHttp2) this.pool.owner.stats.rqPendingFailureEject.inc();
      const wasOpen = stream.isOpen;
      stream.isOpen = false;
      this.pool.onStreamClosed(this);
      if (wasOpen) stream.callbacks.onReset(broken, transportFailureReason);
    }
  }

  protected onRemoteFin(): void {
    this.closedByPeer();
  }

  #onResponse(message: HttpResponseMessage): void {
    const stream = this.#streamOf(message.stream);
    if (!stream) {
      // An answer that nobody asked for: HTTP/1 cannot go on; in HTTP/2 the stream was reset.
      if (!this.#isHttp2) this.#breakProtocol();
      return;
    }
    const { headers, body, endStream } = message;
    if ((message.version === 'HTTP/2') !== this.#isHttp2) {
      // The peer does not speak our protocol: whatever it means, it is no answer.
      this.#breakProtocol();
      return;
    }
    this.pool.owner.stats.cxRxBytesTotal.inc(headers.byteSize + body.length + FRAME_BYTES);
    if (!this.#isHttp2 && headers.get('connection') === 'close') this.#closesAfterResponse = true;
    if (message.version === 'HTTP/1.0' && headers.get('connection') !== 'keep-alive')
      this.#closesAfterResponse = true;
    if (headers.has('x-envoy-immediate-health-check-fail'))
      this.pool.host.owner?.onImmediateFailure(this.pool.host);
    stream.isResponseStarted = !endStream;
    stream.callbacks.onResponseHeaders(headers, body, endStream, message.peerMetadata);
    if (endStream) this.#onResponseComplete(stream);
  }

  #onResponseComplete(stream: HttpStream): void {
    if (!stream.isOpen) return;
    if (this.#isHttp2) {
      if (!stream.isRequestComplete)
        this.send({ type: 'stream-reset', stream: stream.id, reason: 'cancel' }, FRAME_BYTES + 4);
      this.#finish(stream);
      return;
    }
    // The rest of the request has no place on the wire any more, so the connection must go.
    const mustClose = this.#closesAfterResponse || !stream.isRequestComplete;
    if (mustClose) this.pool.startDraining(this);
    this.#finish(stream);
  }

  #finish(stream: HttpStream): void {
    if (!stream.isOpen) return;
    stream.isOpen = false;
    if (this.#isHttp2) this.#streams.delete(stream.id);
    else this.#current = undefined;
    this.pool.onStreamClosed(this);
  }

  #streamOf(id: number): HttpStream | undefined {
    if (this.#isHttp2) return this.#streams.get(id);
    return this.#current?.id === id ? this.#current : undefined;
  }

  #breakProtocol(): void {
    this.pool.owner.stats.cxProtocolError.inc();
    const streams = this.#current ? [this.#current] : this.#streams.all();
    this.pool.startDraining(this);
    for (const stream of streams) {
      this.#finish(stream);
      stream.callbacks.onReset('protocol error', '');
    }
    this.close();
  }
}
