/**
 * Models the usual shape of a web application: one server on some ports, one client, and a handler
 * that answers. The images differ in the handler alone.
 */
import type { ConnectionEnd } from '../sim/network/connection.ts';
import type { Micros } from '../sim/time.ts';
import type { Application, ContainerContext } from './application.ts';
import {
  HttpClient,
  type ClientOptions,
  type ClientRequest,
  type HeaderPairs,
} from './http/client.ts';
import type { ClientExchange } from './http/client-exchange.ts';
import type { HttpOutcome } from './http/outcome.ts';
import { HttpServer, type RequestHandler } from './http/server.ts';
import type { ServerExchange } from './http/server-exchange.ts';

export interface WebApplicationOptions {
  readonly ports: readonly number[];
  readonly handler: (exchange: ServerExchange, application: WebApplication) => void;
  /** The server's own response headers ("server"). */
  readonly headers?: HeaderPairs;
  readonly client?: ClientOptions;
  readonly onBytes?: (end: ConnectionEnd, bytes: string) => void;
}

export class WebApplication implements Application {
  readonly context: ContainerContext;
  readonly client: HttpClient;
  readonly #ports: readonly number[];
  readonly #server: HttpServer;
  #isReady = false;

  constructor(context: ContainerContext, options: WebApplicationOptions) {
    this.context = context;
    this.#ports = options.ports;
    this.client = new HttpClient(context.network, context.resolver, {
      ...options.client,
      namespaceName: context.pod.namespace,
    });
    this.#server = new HttpServer(context.network, this.#observed(options.handler), {
      impairment: context.impairment,
      random: context.random,
      ...(options.headers && { headers: options.headers }),
      ...(options.onBytes && { onBytes: options.onBytes }),
    });
  }

  start(): void {
    for (const port of this.#ports) this.#server.listen(port);
    this.#isReady = true;
  }

  stop(graceUs: Micros): void {
    this.#isReady = false;
    this.#server.stop(graceUs);
    this.client.closeIdle();
  }

  isReady(): boolean {
    return this.#isReady;
  }

  /** Calls another service on behalf of a request that came in. */
  call(request: ClientRequest, onDone: (outcome: HttpOutcome) => void): ClientExchange {
    const { observer, pod } = this.context;
    if (!observer) return this.client.send(request, onDone);
    observer.called(pod, request.requestId ?? 0, request.url);
    return this.client.send(request, (outcome) => {
      observer.returned(pod, request.url, outcome);
      onDone(outcome);
    });
  }

  #observed(handler: WebApplicationOptions['handler']): RequestHandler {
    const { observer, pod } = this.context;
    if (!observer) return (exchange) => handler(exchange, this);
    return (exchange) => {
      observer.received(pod, exchange.requestId, exchange.method, exchange.path);
      exchange.onAnswered = (status) =>
        observer.answered(pod, exchange.requestId, status, exchange.headers);
      handler(exchange, this);
    };
  }
}
