/** Models a server's end of one connection: requests come in, answers go out. */
import type {
  CloseKind,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { StreamMap } from '../../proxy/http/stream-map.ts';
import type { HttpResponseMessage, HttpVersion, Wire } from '../../proxy/wire.ts';
import { byteLength } from './outcome.ts';
import type { HttpServer } from './server.ts';
import { ServerExchange } from './server-exchange.ts';

export class ServerConnection implements ConnectionHandler {
  readonly socket: ConnectionEnd;
  readonly #server: HttpServer;
  readonly #active = new StreamMap<ServerExchange>();
  #closesWhenIdle = false;

  constructor(server: HttpServer, socket: ConnectionEnd) {
    this.#server = server;
    this.socket = socket;
  }

  onConnected(): void {}

  onConnectFailed(): void {}

  onMessage(socket: ConnectionEnd, wire: WireMessage): void {
    const message = wire as Wire;
    switch (message.type) {
      case 'request': {
        const exchange = new ServerExchange(this, message);
        this.#active.set(message.stream, exchange);
        if (message.version !== 'HTTP/2' && isLast(message.version, message.headers))
          this.#closesWhenIdle = true;
        if (message.endStream) this.#server.receive(exchange);
        return;
      }
      case 'data': {
        const exchange = this.#active.get(message.stream);
        exchange?.addBody(message.body);
        if (exchange && message.endStream) this.#server.receive(exchange);
        return;
      }
      case 'trailers': {
        const exchange = this.#active.get(message.stream);
        if (exchange) this.#server.receive(exchange);
        return;
      }
      case 'stream-reset':
        this.#active.get(message.stream)?.abort();
        this.#active.delete(message.stream);
        return;
      case 'bytes':
        if (this.#server.options.onBytes) this.#server.options.onBytes(socket, message.bytes);
        else this.end('fin');
        return;
      default:
        this.end('fin');
    }
  }

  onClosed(socket: ConnectionEnd, how: CloseKind): void {
    this.#server.forget(this);
    if (how === 'fin') socket.close();
    for (const exchange of this.#active.all()) exchange.abort();
    this.#active.clear();
  }

  closeWhenIdle(): void {
    this.#closesWhenIdle = true;
    if (this.#active.size === 0) this.end('fin');
  }

  end(how: CloseKind): void {
    this.#server.forget(this);
    for (const exchange of this.#active.all()) exchange.abort();
    this.#active.clear();
    if (how === 'fin') this.socket.close();
    else this.socket.reset();
  }

  /** The answer to one request, whole. */
  answer(exchange: ServerExchange, status: number, extra: Pairs, body: string): void {
    if (!this.#active.delete(exchange.stream)) return;
    const isHttp2 = exchange.version === 'HTTP/2';
    const headers = responseHeaders(status, this.#server.options.headers, extra, body);
    const closes = !isHttp2 && (this.#closesWhenIdle || this.#server.isDraining);
    if (closes) headers.set('connection', 'close');
    const sent = exchange.method === 'HEAD' ? '' : body;
    const message: HttpResponseMessage = {
      type: 'response',
      version: exchange.version,
      stream: exchange.stream,
      headers,
      body: sent,
      endStream: true,
      requestId: exchange.requestId,
    };
    this.socket.write(message, headers.byteSize + byteLength(sent));
    if ((closes || this.#closesWhenIdle) && this.#active.size === 0) this.end('fin');
  }
}

type Pairs = readonly (readonly [string, string])[];

function responseHeaders(
  status: number,
  own: Pairs | undefined,
  extra: Pairs,
  body: string,
): HeaderMap {
  const names = [':status'];
  const values = [String(status)];
  if (own)
    for (const [name, value] of own) {
      names.push(name);
      values.push(value);
    }
  for (const [name, value] of extra) {
    names.push(name);
    values.push(value);
  }
  if (status !== 204 && status !== 304) {
    names.push('content-length');
    values.push(String(byteLength(body)));
  }
  return new HeaderMap(names, values);
}

/** HTTP/1.1 keeps the connection unless told otherwise, HTTP/1.0 the other way round. */
function isLast(version: HttpVersion, headers: HeaderMap): boolean {
  const said = headers.get('connection')?.toLowerCase();
  return version === 'HTTP/1.0' ? said !== 'keep-alive' : said === 'close';
}
