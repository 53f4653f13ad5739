/**
 * Models a client's end of one connection: TLS if the URL wants it, then requests and answers.
 *
 * Spec: RFC 9112 §9 (HTTP/1.1: one at a time), RFC 9113 §5.1 (HTTP/2: streams). Simplified: the
 * client does not verify the server's certificate (curl -k); HTTP/2 has no limit of streams.
 */
import type {
  ConnectFailure,
  CloseKind,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type { Micros } from '../../sim/time.ts';
import { StreamMap } from '../../proxy/http/stream-map.ts';
import type { HttpRequestMessage, HttpVersion, Wire } from '../../proxy/wire.ts';
import type { HttpClient } from './client.ts';
import type { ClientExchange } from './client-exchange.ts';
import { byteLength, type ExchangeError } from './outcome.ts';

const ERROR_OF_FAILURE: Readonly<Record<ConnectFailure, ExchangeError>> = {
  refused: 'refused',
  unreachable: 'unreachable',
  'timed-out': 'timeout',
};

export class ClientConnection implements ConnectionHandler {
  readonly key: string;
  version: HttpVersion;
  idleSinceUs: Micros = 0;
  readonly #client: HttpClient;
  readonly #end: ConnectionEnd;
  readonly #active = new StreamMap<ClientExchange>();
  readonly #first: ClientExchange;
  #isReady = false;
  #nextStream = 1;
  /** True once an answer has come: what follows meets a kept connection. */
  #hasServed = false;
  /** The server has said that this connection takes no more requests. */
  #isLast = false;

  /** Connects at once; `first` is sent when the connection is there. */
  constructor(client: HttpClient, key: string, address: SocketAddress, first: ClientExchange) {
    this.key = key;
    this.version = client.version;
    this.#client = client;
    this.#first = first;
    this.start(first);
    this.#end = client.network.connect(address, this);
  }

  /** Sends a request now, or as soon as the connection is there. */
  start(exchange: ClientExchange): void {
    exchange.connection = this;
    exchange.stream = this.#nextStream++;
    this.#active.set(exchange.stream, exchange);
    if (this.#isReady) this.#write(exchange);
  }

  /** The caller gave an exchange up: HTTP/2 resets the stream, HTTP/1 the whole connection. */
  abandon(exchange: ClientExchange): void {
    if (!this.#active.delete(exchange.stream)) return;
    if (this.version === 'HTTP/2' && this.#isReady) {
      const reset: Wire = { type: 'stream-reset', stream: exchange.stream, reason: 'cancel' };
      this.#end.write(reset, 13);
      return;
    }
    if (this.#active.size === 0) this.close();
  }

  close(): void {
    this.#client.forget(this);
    this.#end.close();
  }

  closeWhenIdle(): void {
    this.#isLast = true;
    if (this.#active.size === 0) this.close();
  }

  onConnected(end: ConnectionEnd): void {
    const { url, request } = this.#first;
    if (url.scheme === 'http') {
      this.#sendWaiting();
      return;
    }
    const hello: Wire = {
      type: 'tls-client-hello',
      sni: request.tls?.sni ?? url.host,
      alpn: request.tls?.alpn ?? ['h2', 'http/1.1'],
      versionMin: 'TLSv1.2',
      versionMax: 'TLSv1.3',
    };
    end.write(hello, 250);
  }

  onConnectFailed(_end: ConnectionEnd, reason: ConnectFailure): void {
    this.#client.forget(this);
    this.#failAll(ERROR_OF_FAILURE[reason]);
  }

  onMessage(end: ConnectionEnd, wire: WireMessage): void {
    const message = wire as Wire;
    switch (message.type) {
      case 'response': {
        const exchange = this.#active.get(message.stream);
        if (!exchange) return;
        const status = Number(message.headers.get(':status'));
        if (status < 200 && status !== 101) return;
        exchange.receiveHeaders(status, message.headers, message.body);
        if (message.version !== 'HTTP/2' && saysClose(message.headers.get('connection')))
          this.#isLast = true;
        if (message.endStream) this.#complete(exchange, undefined);
        return;
      }
      case 'data': {
        const exchange = this.#active.get(message.stream);
        exchange?.receiveData(message.body);
        if (exchange && message.endStream) this.#complete(exchange, undefined);
        return;
      }
      case 'trailers': {
        const exchange = this.#active.get(message.stream);
        exchange?.receiveTrailers(message.trailers);
        if (exchange) this.#complete(exchange, undefined);
        return;
      }
      case 'stream-reset': {
        const exchange = this.#active.get(message.stream);
        if (exchange) this.#complete(exchange, 'reset');
        return;
      }
      case 'goaway':
        this.#isLast = true;
        this.#client.forget(this);
        if (this.#active.size === 0) end.close();
        return;
      case 'tls-server-hello': {
        this.version = message.alpn === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
        const finished: Wire = { type: 'tls-client-finished', certificateChain: '' };
        end.write(finished, 80);
        if (message.version === 'TLSv1.3') this.#sendWaiting();
        return;
      }
      case 'tls-server-finished':
        this.#sendWaiting();
        return;
      case 'tls-alert':
        this.#client.forget(this);
        this.#failAll('tls');
        end.close();
        return;
      default:
        // Not HTTP (bytes of some other server): the client cannot make sense of it.
        this.#client.forget(this);
        this.#failAll('reset');
        end.close();
    }
  }

  onClosed(end: ConnectionEnd, how: CloseKind): void {
    this.#client.forget(this);
    end.close();
    const orphans = this.#active.all();
    this.#active.clear();
    for (const exchange of orphans) {
      if (this.#hasServed && exchange.mayStartAfresh()) {
        exchange.needsFreshConnection = true;
        this.#client.dispatch(exchange);
      } else exchange.finish(how === 'fin' ? 'closed' : 'reset');
    }
  }

  #sendWaiting(): void {
    this.#isReady = true;
    for (const exchange of this.#active.all()) this.#write(exchange);
  }

  #write(exchange: ClientExchange): void {
    const { request } = exchange;
    // By reference: whoever receives headers copies them before changing them.
    const headers = exchange.headers!;
    const body = request.body ?? '';
    const message: HttpRequestMessage = {
      type: 'request',
      version: this.version,
      stream: exchange.stream,
      headers,
      body,
      endStream: true,
      requestId: request.requestId ?? 0,
    };
    this.#end.write(message, headers.byteSize + byteLength(body));
  }

  #complete(exchange: ClientExchange, error: ExchangeError | undefined): void {
    this.#active.delete(exchange.stream);
    this.#hasServed = true;
    if (this.#isLast && this.#active.size === 0) this.close();
    else if (this.version !== 'HTTP/2' && !this.#isLast) {
      this.idleSinceUs = this.#client.simulation.now;
      this.#client.giveBack(this);
    } else if (!this.#client.keepAlive) this.close();
    exchange.finish(error);
  }

  #failAll(error: ExchangeError): void {
    const all = this.#active.all();
    this.#active.clear();
    for (const exchange of all) exchange.finish(error);
  }
}

function saysClose(connection: string | undefined): boolean {
  return connection !== undefined && connection.toLowerCase() === 'close';
}
