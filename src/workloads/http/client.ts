/**
 * Models an application's HTTP client: resolves the name, keeps connections for reuse, gives up
 * after a time.
 *
 * HTTP/1.1 connections carry one request at a time and go back to a pool a destination; an HTTP/2
 * connection carries all requests to its destination. A request that meets a connection which the
 * server has closed in the meantime is sent once more on a new one, as Go's and curl's clients do.
 *
 * Spec: RFC 9110, RFC 9112 §9.3, RFC 9113. Simplified: resolving takes no time; idle connections
 * are looked at when the next request comes, not when their time is up.
 */
import { HeaderMap } from '../../proxy/http/header-map.ts';
import type { HttpVersion } from '../../proxy/wire.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { ClientConnection } from './client-connection.ts';
import { ClientExchange } from './client-exchange.ts';
import { byteLength, type HttpOutcome } from './outcome.ts';
import { isAddress, parseUrl, type HttpUrl } from './url.ts';

/** The cluster's DNS, as a pod of a namespace sees it. */
export interface Resolver {
  resolve(host: string, namespaceName: string): string | undefined;
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

export interface ClientOptions {
  /** The Kubernetes namespace in whose search path names are resolved. */
  readonly namespaceName?: string;
  readonly version?: HttpVersion;
  /** False: every request has a connection of its own and says "connection: close". */
  readonly keepAlive?: boolean;
  /** Idle connections kept a destination; the rest are closed. */
  readonly idleMax?: number;
  readonly idleTimeoutUs?: Micros;
  /** Sent with every request, lower-case names: "user-agent" and the like. */
  readonly headers?: HeaderPairs;
}

export interface ClientRequest {
  readonly method: string;
  readonly url: string;
  /** Added to the client's own; a "host" among them replaces the URL's authority. */
  readonly headers?: HeaderPairs | undefined;
  readonly body?: string | undefined;
  /** From now to the end of the answer; absent or 0: for ever. */
  readonly timeoutUs?: Micros | undefined;
  /** Which request of the run this is part of; 0 when nobody asks. */
  readonly requestId?: number | undefined;
  /** Where to connect, whatever the URL says (curl --connect-to). */
  readonly address?: SocketAddress | undefined;
  /** For https: what the client asks for; by default the URL's host and both protocols. */
  readonly tls?: { readonly sni: string; readonly alpn: readonly string[] } | undefined;
}

const URLS_MAX = 1_000;
const IDLE_MAX = 1_024;

export class HttpClient {
  readonly network: NetworkNamespace;
  readonly simulation: Simulation;
  readonly version: HttpVersion;
  readonly keepAlive: boolean;
  readonly #resolver: Resolver;
  readonly #options: ClientOptions;
  /** Idle HTTP/1.1 connections, newest last; HTTP/2 connections that take more streams. */
  readonly #pools = new Map<string, ClientConnection[]>();
  readonly #urls = new Map<string, HttpUrl>();
  #template: { request: ClientRequest; url: HttpUrl; headers: HeaderMap } | undefined = undefined;

  constructor(network: NetworkNamespace, resolver: Resolver, options: ClientOptions = {}) {
    this.network = network;
    this.simulation = network.network.simulation;
    this.#resolver = resolver;
    this.#options = options;
    this.version = options.version ?? 'HTTP/1.1';
    this.keepAlive = options.keepAlive ?? true;
  }

  /** Sends a request; `onDone` hears exactly once, never before this returns, what became of it. */
  send(request: ClientRequest, onDone: (outcome: HttpOutcome) => void): ClientExchange {
    const exchange = new ClientExchange(this, request, onDone);
    const url = this.#parsed(request.url);
    if (!url) {
      exchange.failSoon('bad-url');
      return exchange;
    }
    if (request.timeoutUs) exchange.startTimer(request.timeoutUs);
    exchange.prepare(url, this.#requestHeaders(request, url));
    this.dispatch(exchange);
    return exchange;
  }

  /** Puts an exchange on a kept connection, or on a new one. */
  dispatch(exchange: ClientExchange): void {
    const key = exchange.poolKey;
    const kept = this.keepAlive && !exchange.needsFreshConnection ? this.#take(key) : undefined;
    if (kept) {
      kept.start(exchange);
      return;
    }
    const { request, url } = exchange;
    const ip = isAddress(url.host)
      ? url.host
      : request.address
        ? ''
        : this.#resolver.resolve(url.host, this.#options.namespaceName ?? 'default');
    if (ip === undefined) {
      exchange.failSoon('no-such-host');
      return;
    }
    const address = request.address ?? { ip, port: url.port };
    const connection = new ClientConnection(this, key, address, exchange);
    if (this.version === 'HTTP/2' && this.keepAlive) this.#pool(key).push(connection);
  }

  /** A connection has become idle: keep it, unless there are enough. */
  giveBack(connection: ClientConnection): void {
    if (connection.version === 'HTTP/2' && this.version === 'HTTP/2') return;
    const pool = this.#pool(connection.key);
    if (!this.keepAlive || pool.length >= (this.#options.idleMax ?? IDLE_MAX)) connection.close();
    else pool.push(connection);
  }

  /** A connection is gone. */
  forget(connection: ClientConnection): void {
    const pool = this.#pools.get(connection.key);
    const at = pool ? pool.indexOf(connection) : -1;
    if (pool && at >= 0) pool.splice(at, 1);
  }

  /** Closes what is idle; what is under way goes on. */
  closeIdle(): void {
    for (const pool of this.#pools.values())
      for (const connection of pool.splice(0)) connection.closeWhenIdle();
  }

  #take(key: string): ClientConnection | undefined {
    const pool = this.#pools.get(key);
    if (!pool) return undefined;
    if (this.version === 'HTTP/2') return pool[pool.length - 1];
    const oldest = this.simulation.now - (this.#options.idleTimeoutUs ?? 90 * SECOND);
    for (;;) {
      const connection = pool.pop();
      if (!connection || connection.idleSinceUs >= oldest) return connection;
      connection.close();
    }
  }

  #pool(key: string): ClientConnection[] {
    let pool = this.#pools.get(key);
    if (!pool) this.#pools.set(key, (pool = []));
    return pool;
  }

  #parsed(text: string): HttpUrl | undefined {
    const known = this.#urls.get(text);
    if (known) return known;
    const url = parseUrl(text);
    if (url) {
      if (this.#urls.size >= URLS_MAX) this.#urls.clear();
      this.#urls.set(text, url);
    }
    return url;
  }

  /**
   * The headers to send, in a map that nobody changes any more: load sends the same request over and
   * over, so the last map is kept.
   */
  #requestHeaders(request: ClientRequest, url: HttpUrl): HeaderMap {
    const kept = this.#template;
    if (kept && kept.url === url && isSameRequest(kept.request, request)) return kept.headers;
    const headers = this.#freshHeaders(request, url);
    this.#template = { request, url, headers };
    return headers;
  }

  #freshHeaders(request: ClientRequest, url: HttpUrl): HeaderMap {
    const headers = new HeaderMap(
      [':method', ':scheme', ':authority', ':path'],
      [request.method, url.scheme, url.authority, url.path],
    );
    const own = this.#options.headers ?? [];
    for (const [name, value] of own) headers.add(name, value);
    for (const [name, value] of request.headers ?? []) {
      const lower = name.toLowerCase();
      if (lower === 'host') headers.set(':authority', value);
      else if (own.some(([ownName]) => ownName === lower)) headers.set(lower, value);
      else headers.add(lower, value);
    }
    if (request.body) headers.set('content-length', String(byteLength(request.body)));
    if (!this.keepAlive && this.version !== 'HTTP/2') headers.set('connection', 'close');
    return headers;
  }
}

function isSameRequest(one: ClientRequest, other: ClientRequest): boolean {
  return one.headers === other.headers && one.method === other.method && one.body === other.body;
}
