/** Models one request at a server, from its arrival to the answer. */
import type { HeaderMap } from '../../proxy/http/header-map.ts';
import type { HttpRequestMessage, HttpVersion } from '../../proxy/wire.ts';
import type { CloseKind } from '../../sim/network/connection.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type { ServerConnection } from './server-connection.ts';

export class ServerExchange {
  readonly version: HttpVersion;
  readonly stream: number;
  readonly headers: HeaderMap;
  readonly requestId: number;
  /** The client has gone, or the answer is on its way. */
  isOver = false;
  /** Called when the client goes before it has its answer. */
  onAborted: (() => void) | undefined = undefined;
  /** For an observer: called with the status when the answer is sent. */
  onAnswered: ((status: number) => void) | undefined = undefined;
  readonly #connection: ServerConnection;
  #body: string;

  constructor(connection: ServerConnection, message: HttpRequestMessage) {
    this.#connection = connection;
    this.version = message.version;
    this.stream = message.stream;
    this.headers = message.headers;
    this.requestId = message.requestId;
    this.#body = message.body;
  }

  get method(): string {
    return this.headers.get(':method') ?? 'GET';
  }

  /** Path and query. */
  get path(): string {
    return this.headers.get(':path') ?? '/';
  }

  get authority(): string {
    return this.headers.get(':authority') ?? '';
  }

  get body(): string {
    return this.#body;
  }

  /** Who is on the other end of the connection: with a sidecar, the sidecar. */
  get remote(): SocketAddress {
    return this.#connection.socket.remote;
  }

  get local(): SocketAddress {
    return this.#connection.socket.local;
  }

  addBody(part: string): void {
    this.#body += part;
  }

  /** The whole answer. Header names in lower case; content-length is added. */
  respond(
    status: number,
    headers: readonly (readonly [name: string, value: string])[],
    body: string,
  ): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onAnswered?.(status);
    this.#connection.answer(this, status, headers, body);
  }

  /** Ends the connection instead of answering. */
  hangUp(how: CloseKind): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#connection.end(how);
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onAborted?.();
  }
}
