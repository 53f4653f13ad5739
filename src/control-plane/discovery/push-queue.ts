/**
 * Models istiod's push queue: one entry a proxy, requests for a proxy that is still busy are merged,
 * and at most so many proxies are served at once.
 *
 * Spec: istio pilot/pkg/xds/pushqueue.go; PILOT_PUSH_THROTTLE. Bound: one entry a connection.
 */
import { mergePushRequests, type PushRequest } from './push-request.ts';

export class PushQueue<C> {
  readonly #atOnceMax: number;
  readonly #serve: (connection: C, request: PushRequest) => void;
  /** In the order in which they came. */
  readonly #waiting = new Map<C, PushRequest>();
  /** Being served, with what came for them meanwhile. */
  readonly #inFlight = new Map<C, PushRequest | undefined>();

  /** `serve` starts a push; whoever ends it calls `done`. */
  constructor(atOnceMax: number, serve: (connection: C, request: PushRequest) => void) {
    this.#atOnceMax = atOnceMax;
    this.#serve = serve;
  }

  /** How many proxies wait or are being served. */
  get size(): number {
    return this.#waiting.size + this.#inFlight.size;
  }

  enqueue(connection: C, request: PushRequest): void {
    if (this.#inFlight.has(connection)) {
      const meanwhile = this.#inFlight.get(connection);
      this.#inFlight.set(connection, meanwhile ? mergePushRequests(meanwhile, request) : request);
      return;
    }
    const waiting = this.#waiting.get(connection);
    this.#waiting.set(connection, waiting ? mergePushRequests(waiting, request) : request);
    this.#pump();
  }

  /** The push to this proxy has ended. */
  done(connection: C): void {
    const meanwhile = this.#inFlight.get(connection);
    this.#inFlight.delete(connection);
    if (meanwhile) this.#waiting.set(connection, meanwhile);
    this.#pump();
  }

  /** The proxy is gone. */
  forget(connection: C): void {
    this.#waiting.delete(connection);
    if (this.#inFlight.delete(connection)) this.#pump();
  }

  clear(): void {
    this.#waiting.clear();
    this.#inFlight.clear();
  }

  #pump(): void {
    for (const [connection, request] of this.#waiting) {
      if (this.#inFlight.size >= this.#atOnceMax) return;
      this.#waiting.delete(connection);
      this.#inFlight.set(connection, undefined);
      this.#serve(connection, request);
    }
  }
}
