/** Models one request of a client from being sent to being answered or given up. */
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Micros } from '../../sim/time.ts';
import type { ClientRequest, HttpClient } from './client.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ExchangeError, HttpOutcome } from './outcome.ts';
import type { HttpUrl } from './url.ts';

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const NO_URL: HttpUrl = { scheme: 'http', host: '', port: 0, authority: '', path: '/' };

export class ClientExchange {
  readonly client: HttpClient;
  readonly request: ClientRequest;
  url = NO_URL;
  /** As sent; shared by all requests that are alike, so nobody may change it. */
  headers: HeaderMap | undefined = undefined;
  poolKey = '';
  connection: ClientConnection | undefined = undefined;
  stream = 0;
  /** True once it met a kept connection that turned out to be dead. */
  needsFreshConnection = false;
  status = 0;
  readonly #onDone: (outcome: HttpOutcome) => void;
  readonly #startUs: Micros;
  #timer: TimerHandle = NO_TIMER;
  #isDone = false;
  #responseHeaders: HeaderMap | undefined = undefined;
  #trailers: HeaderMap | undefined = undefined;
  #body = '';

  constructor(client: HttpClient, request: ClientRequest, onDone: (outcome: HttpOutcome) => void) {
    this.client = client;
    this.request = request;
    this.#onDone = onDone;
    this.#startUs = client.simulation.now;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  prepare(url: HttpUrl, headers: HeaderMap): void {
    this.url = url;
    this.headers = headers;
    const { address, tls } = this.request;
    const where = address ? `${address.ip}:${address.port}` : `${url.host}:${url.port}`;
    this.poolKey = url.scheme === 'https' ? `tls ${tls?.sni ?? url.host} ${where}` : where;
  }

  startTimer(timeoutUs: Micros): void {
    this.#timer = this.client.simulation.schedule(timeoutUs, giveUp, this, undefined);
  }

  /** Ends it with an error a moment from now, so that the caller has its exchange first. */
  failSoon(error: ExchangeError): void {
    this.client.simulation.schedule(0, fail, this, error);
  }

  receiveHeaders(status: number, headers: HeaderMap, body: string): void {
    this.status = status;
    this.#responseHeaders = headers;
    this.#body = body;
  }

  receiveData(body: string): void {
    this.#body += body;
  }

  receiveTrailers(trailers: HeaderMap): void {
    this.#trailers = trailers;
  }

  /** A dead kept connection was met before anything came back: may it be tried on a new one? */
  mayStartAfresh(): boolean {
    return (
      !this.needsFreshConnection &&
      this.#responseHeaders === undefined &&
      IDEMPOTENT.has(this.request.method)
    );
  }

  finish(error: ExchangeError | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.client.simulation.cancel(this.#timer);
    this.#onDone({
      status: this.status,
      headers: this.#responseHeaders,
      body: this.#body,
      trailers: this.#trailers,
      error,
      durationUs: this.client.simulation.now - this.#startUs,
      requestId: this.request.requestId ?? 0,
    });
  }

  /** The caller no longer wants it: nobody hears of it again. */
  cancel(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.client.simulation.cancel(this.#timer);
    this.connection?.abandon(this);
  }
}

function giveUp(exchange: ClientExchange): void {
  if (exchange.isDone) return;
  exchange.connection?.abandon(exchange);
  exchange.finish('timeout');
}

function fail(exchange: ClientExchange, error: ExchangeError): void {
  exchange.finish(error);
}
