/**
 * Models an application's HTTP server: HTTP/1.1 with keep-alive and HTTP/2 with prior knowledge on
 * the same port, and plain bytes for whoever wants them.
 *
 * Spec: RFC 9112 §9, RFC 9113 §3.3. Simplified: a request is handed over when its body is whole; a
 * client that speaks TLS to it is cut off.
 */
import type { ConnectionEnd } from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';
import { healthy, type Impairment } from '../impairment.ts';
import { ServerConnection } from './server-connection.ts';
import type { ServerExchange } from './server-exchange.ts';

/** Answers a request, now or later: `exchange.respond` or `exchange.hangUp`, once. */
export type RequestHandler = (exchange: ServerExchange) => void;

export interface ServerOptions {
  readonly impairment?: Impairment;
  readonly random?: RandomStream;
  /** Sent with every answer, lower-case names ("server"). */
  readonly headers?: readonly (readonly [string, string])[];
  /** Bytes that are no HTTP; without this the connection is closed. */
  readonly onBytes?: (end: ConnectionEnd, bytes: string) => void;
}

export class HttpServer {
  readonly simulation: Simulation;
  readonly options: ServerOptions;
  isDraining = false;
  readonly #network: NetworkNamespace;
  readonly #handler: RequestHandler;
  readonly #impairment: Impairment;
  readonly #random: RandomStream;
  readonly #connections = new Set<ServerConnection>();
  readonly #stopListening: (() => void)[] = [];

  constructor(network: NetworkNamespace, handler: RequestHandler, options: ServerOptions = {}) {
    this.simulation = network.network.simulation;
    this.options = options;
    this.#network = network;
    this.#handler = handler;
    this.#impairment = options.impairment ?? healthy();
    this.#random = options.random ?? this.simulation.random(`server/${network.name}`);
  }

  listen(port: number): void {
    const accept = (end: ConnectionEnd): ServerConnection => {
      const connection = new ServerConnection(this, end);
      this.#connections.add(connection);
      return connection;
    };
    this.#stopListening.push(this.#network.listen(port, accept));
  }

  /**
   * Takes no more connections, closes idle ones, lets requests under way finish, and after
   * `graceUs` ends what is left.
   */
  stop(graceUs: Micros): void {
    this.isDraining = true;
    for (const stop of this.#stopListening.splice(0)) stop();
    for (const connection of [...this.#connections]) connection.closeWhenIdle();
    if (this.#connections.size > 0)
      this.simulation.schedule(graceUs, resetAll, this.#connections, undefined);
  }

  forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
  }

  /** A request is whole: what ails the pod comes first, then the application. */
  receive(exchange: ServerExchange): void {
    const { delayUs } = this.#impairment;
    if (delayUs > 0) this.simulation.schedule(delayUs, this.#serve, exchange, undefined);
    else this.#serve(exchange);
  }

  readonly #serve = (exchange: ServerExchange): void => {
    if (exchange.isOver) return;
    const { errorPerMillion, errorStatus } = this.#impairment;
    if (errorPerMillion > 0 && this.#random.chance(errorPerMillion)) {
      exchange.respond(errorStatus, TEXT, 'the application fails as told');
      return;
    }
    this.#handler(exchange);
  };
}

const TEXT = [['content-type', 'text/plain; charset=utf-8']] as const;

function resetAll(connections: Set<ServerConnection>): void {
  for (const connection of [...connections]) connection.end('reset');
}
