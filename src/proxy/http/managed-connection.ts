/**
 * Models one downstream connection of an HTTP connection manager: streams in, answers out.
 *
 * Spec: RFC 9112 section 9 (connection management), RFC 9113 section 5 (streams).
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import type { ConnectionSink, DownstreamConnection } from '../listener/downstream-connection.ts';
import { StreamInfo } from '../stream-info.ts';
import type { HttpRequestMessage, HttpVersion, Wire } from '../wire.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { HeaderMap } from './header-map.ts';
import { Http1Parser } from './http1-parser.ts';
import { admitRequest } from './request-admission.ts';
import { StreamMap } from './stream-map.ts';
import { HttpStream } from './stream.ts';

/** How long a connection is kept for a client that has not read a refusal (delayed_close_timeout). */
const DELAYED_CLOSE_US = SECOND;

export class ManagedConnection implements ConnectionSink {
  readonly manager: ConnectionManager;
  readonly connection: DownstreamConnection;
  /** What filters keep with the connection. */
  readonly memory = new Map<object, unknown>();
  readonly #streams = new StreamMap<HttpStream>();
  #requests = 0;
  /** No more requests: the answer on its way says "connection: close". */
  #isClosing = false;
  #isClosed = false;
  /** The last answer is a refusal: the client is given time to read it. */
  #isRefusing = false;
  #parser: Http1Parser | undefined = undefined;
  #idleTimer: TimerHandle = NO_TIMER;
  #lastActive: Micros;
  #sawHttp2 = false;

  constructor(manager: ConnectionManager, connection: DownstreamConnection) {
    this.manager = manager;
    this.connection = connection;
    const { simulation } = manager.proxy;
    this.#lastActive = simulation.now;
    manager.stats.cxTotal.inc();
    manager.stats.cxActive.inc();
    const { connectionIdleTimeoutUs, connectionDurationMaxUs } = manager.config;
    if (connectionIdleTimeoutUs > 0)
      this.#idleTimer = simulation.schedule(connectionIdleTimeoutUs, onIdleTimer, this, undefined);
    if (connectionDurationMaxUs > 0)
      simulation.schedule(connectionDurationMaxUs, onDurationTimer, this, undefined);
  }

  onMessage(message: Wire): void {
    if (this.#isClosed) return;
    this.#lastActive = this.manager.proxy.simulation.now;
    switch (message.type) {
      case 'request':
        if (message.version === 'HTTP/2' && this.manager.config.codec === 'http1')
          this.#refuseOtherProtocol();
        else this.#onRequest(message);
        return;
      case 'data':
        this.#streams.get(message.stream)?.onData(message.body, message.endStream);
        return;
      case 'trailers':
        this.#streams.get(message.stream)?.onTrailers(message.trailers);
        return;
      case 'stream-reset':
        this.#onStreamReset(message.stream);
        return;
      case 'bytes':
        this.#onBytes(message.bytes);
        return;
      default:
        this.connection.flag = 'DPE';
        this.#refuseOtherProtocol();
    }
  }

  #onRequest(message: HttpRequestMessage): void {
    if (this.#isClosing && message.version !== 'HTTP/2') return;
    const { stats, config, proxy } = this.manager;
    stats.rqTotal.inc();
    stats.rqActive.inc();
    if (message.version === 'HTTP/2') {
      stats.rqHttp2Total.inc();
      if (!this.#sawHttp2) stats.cxHttp2Total.inc();
      this.#sawHttp2 = true;
    } else {
      stats.rqHttp1Total.inc();
      if (this.#requests === 0) stats.cxHttp1Total.inc();
    }
    this.#requests += 1;
    if (config.requestsPerConnectionMax > 0 && this.#requests >= config.requestsPerConnectionMax) {
      stats.cxMaxRequestsReached.inc();
      this.#isClosing = true;
    }
    if (message.headers.get('connection')?.toLowerCase() === 'close') this.#isClosing = true;
    const headers = message.headers.copy();
    const info = this.newInfo(message.version);
    info.requestHeadersBytes = headers.byteSize;
    const stream = new HttpStream(this.manager, this, info, {
      stream: message.stream,
      version: message.version,
      headers,
      body: message.body,
      endStream: message.endStream,
      requestId: message.requestId,
      peerMetadata: message.peerMetadata,
    });
    this.#streams.set(message.stream, stream);
    if (stream.journal)
      stream.note('connection-accepted', {
        listener: this.connection.listener,
        from: this.connection.remote.ip,
        port: this.connection.local.port,
      });
    if (admitRequest(stream, proxy.random)) stream.start();
  }

  newInfo(protocol: string): StreamInfo {
    const { connection, manager } = this;
    const { simulation, node } = manager.proxy;
    const { direction, listener } = connection;
    const where = { node, direction, listener };
    const info = new StreamInfo('http', simulation.now, where, connection);
    info.protocol = protocol;
    return info;
  }

  /** A TLS hello or the preface of HTTP/2 is no request line: HTTP/1 text answers, and the end. */
  #refuseOtherProtocol(): void {
    this.manager.stats.cxProtocolError.inc();
    const bytes = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';
    this.connection.write({ type: 'bytes', bytes }, bytes.length);
    this.close();
  }

  #onStreamReset(id: number): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.manager.stats.rqRxReset.inc();
    stream.onDownstreamReset('DR', 'http2.remote_reset');
  }

  /** Raw HTTP/1 text, or the bytes of an upgraded stream. */
  #onBytes(bytes: string): void {
    for (const stream of this.#streams.all())
      if (stream.isUpgrade) {
        stream.onData(bytes, false);
        return;
      }
    this.#parser ??= new Http1Parser(this.manager.config, {
      onRequest: (request) => this.#onRequest(request),
      onData: (id, body, endStream) => this.#streams.get(id)?.onData(body, endStream),
      onError: (error) => this.#onCodecError(error),
    });
    this.#parser.feed(bytes);
  }

  #onCodecError(error: { status: number; details: string; body: string }): void {
    const { stats } = this.manager;
    // After a last answer nobody cares what else the client sends.
    const wasClosing = this.#isClosing;
    if (!wasClosing || this.#streams.size > 0) {
      stats.cxProtocolError.inc();
      this.connection.flag = 'DPE';
    }
    this.#isClosing = true;
    const current = this.#streams.all().at(-1);
    if (current) {
      current.sendLocalReply({ ...error, flag: 'DPE' });
      return;
    }
    if (this.#isClosed || wasClosing) return;
    stats.rqTotal.inc();
    stats.rqActive.inc();
    const stream = HttpStream.ofBrokenRequest(this, this.newInfo(''));
    this.#streams.set(stream.id, stream);
    stream.sendLocalReply({ ...error, flag: 'DPE' });
  }

  // ---- answers ------------------------------------------------------------------------------

  sendHeaders(stream: HttpStream, headers: HeaderMap, body: string, endStream: boolean): void {
    // A refused HTTP/1.0 request is answered as HTTP/1.1.
    const version =
      stream.version === 'HTTP/1.0' && stream.info.hasFlag('DPE') ? 'HTTP/1.1' : stream.version;
    if (version !== 'HTTP/2') this.#http1Headers(stream, version, headers, body, endStream);
    const bytes = headers.byteSize;
    stream.info.responseHeadersBytes = bytes;
    this.connection.write(
      {
        type: 'response',
        version,
        stream: stream.id,
        headers,
        body,
        endStream,
        peerMetadata: stream.manager.proxy.metadata,
        requestId: stream.requestId,
      },
      bytes + body.length,
    );
  }

  /** Framing and connection headers of HTTP/1. */
  #http1Headers(
    stream: HttpStream,
    version: HttpVersion,
    headers: HeaderMap,
    body: string,
    endStream: boolean,
  ): void {
    // A client that still sends cannot be answered and kept: nobody would read the rest.
    if (!stream.requestEnded && !stream.isUpgrade) this.#isClosing = true;
    if (!headers.has('content-length') && !stream.isUpgrade) {
      const status = headers.get(':status')!;
      const isBodiless = status === '204' || status === '304' || status.startsWith('1');
      if (endStream && body === '') {
        if (!isBodiless && stream.headers.get(':method') !== 'HEAD')
          headers.add('content-length', '0');
      } else if (version === 'HTTP/1.1') headers.add('transfer-encoding', 'chunked');
      else this.#isClosing = true;
    }
    if (version === 'HTTP/1.0' && stream.clientWantsKeepAlive && !this.#isClosing)
      headers.add('connection', 'keep-alive');
    else if (this.#isClosing || version === 'HTTP/1.0') {
      this.#isClosing = true;
      if (!stream.isUpgrade) headers.set('connection', 'close');
    }
  }

  sendInterim(stream: HttpStream, headers: HeaderMap): void {
    const { version, id, requestId } = stream;
    this.connection.write(
      { type: 'response', version, stream: id, headers, body: '', endStream: false, requestId },
      headers.byteSize,
    );
  }

  sendData(stream: HttpStream, body: string, endStream: boolean): void {
    if (stream.isUpgrade) this.connection.write({ type: 'bytes', bytes: body }, body.length);
    else this.connection.write({ type: 'data', stream: stream.id, body, endStream }, body.length);
  }

  sendTrailers(stream: HttpStream, trailers: HeaderMap): void {
    this.connection.write({ type: 'trailers', stream: stream.id, trailers }, trailers.byteSize);
  }

  sendReset(stream: HttpStream): void {
    if (stream.version === 'HTTP/2')
      this.connection.write(
        { type: 'stream-reset', stream: stream.id, reason: 'internal-error' },
        9,
      );
    else this.#isClosing = true;
  }

  /** The next answer is the last of this connection. */
  closeAfterResponse(): void {
    this.#isClosing = true;
    this.#isRefusing = true;
  }

  /** Called once a stream is over: the connection may have to go with it. */
  onStreamDone(stream: HttpStream): void {
    this.#streams.delete(stream.id);
    if (stream.isUpgrade && !this.#isClosed) this.#isClosing = true;
    if (!this.#isClosing || this.#streams.size > 0 || this.#isClosed) return;
    if (stream.requestEnded && !this.#isRefusing && !stream.info.hasFlag('DPE')) this.close();
    else this.manager.proxy.simulation.schedule(DELAYED_CLOSE_US, closeConnection, this, undefined);
  }

  onClosed(how: 'fin' | 'reset'): void {
    if (this.#isClosed) return;
    if (this.#streams.size > 0) {
      this.manager.stats.cxDestroyRemoteActiveRq.inc();
      this.manager.stats.rqRxReset.inc(this.#streams.size);
    }
    this.#end();
    for (const stream of this.#streams.all())
      stream.onDownstreamReset('DC', 'downstream_remote_disconnect');
    if (how === 'fin') this.connection.close();
  }

  /** The listener goes: answers in flight are the last ones of this connection. */
  onDrain(): void {
    if (this.#isClosed) return;
    if (this.#streams.size === 0) this.close();
    else this.#isClosing = true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end();
    for (const stream of this.#streams.all())
      stream.onDownstreamReset('DC', 'downstream_local_disconnect');
    this.connection.close();
  }

  #end(): void {
    this.#isClosed = true;
    this.manager.stats.cxActive.dec();
    this.manager.proxy.simulation.cancel(this.#idleTimer);
  }

  /** One timer a connection, set again to what is left: a request only writes a number. */
  checkIdle(): void {
    const { simulation } = this.manager.proxy;
    const { connectionIdleTimeoutUs } = this.manager.config;
    const left = this.#lastActive + connectionIdleTimeoutUs - simulation.now;
    if (this.#streams.size > 0 || left > 0) {
      this.#idleTimer = simulation.schedule(
        left > 0 ? left : connectionIdleTimeoutUs,
        onIdleTimer,
        this,
        undefined,
      );
      return;
    }
    this.manager.stats.cxIdleTimeout.inc();
    this.close();
  }
}

function onIdleTimer(connection: ManagedConnection): void {
  connection.checkIdle();
}

function onDurationTimer(connection: ManagedConnection): void {
  connection.onDrain();
}

function closeConnection(connection: ManagedConnection): void {
  connection.close();
}
