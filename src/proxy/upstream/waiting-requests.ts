/**
 * Models the requests of a pool that wait for a connection: first come, first served.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking (pending requests)
 */
import type { ConnectionPool } from './connection-pool.ts';
import type { PendingStream, ResetReason, UpstreamHost, UpstreamRequest } from './contract.ts';

/** What both HTTP and TCP callbacks offer. */
export interface PoolCallbacks {
  onPoolFailure(
    reason: ResetReason,
    transportFailureReason: string,
    host: UpstreamHost | undefined,
  ): void;
}

class Waiting implements PendingStream {
  readonly request: UpstreamRequest;
  readonly callbacks: PoolCallbacks;
  readonly #queue: WaitingRequests;

  constructor(queue: WaitingRequests, request: UpstreamRequest, callbacks: PoolCallbacks) {
    this.#queue = queue;
    this.request = request;
    this.callbacks = callbacks;
  }

  cancel(): void {
    this.#queue.cancel(this);
  }
}

export class WaitingRequests {
  readonly #pool: ConnectionPool;
  /** Oldest first. Bound: max_pending_requests of all pools together. */
  #queue: Waiting[] = [];

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  get count(): number {
    return this.#queue.length;
  }

  get first(): Waiting | undefined {
    return this.#queue[0];
  }

  add(request: UpstreamRequest, callbacks: PoolCallbacks): Waiting {
    const waiting = new Waiting(this, request, callbacks);
    this.#queue.push(waiting);
    const { owner, breakers } = this.#pool;
    owner.stats.rqPendingTotal.inc();
    owner.stats.rqPendingActive.inc();
    breakers.pendingRequests.inc();
    return waiting;
  }

  takeFirst(): Waiting | undefined {
    const first = this.#queue.shift();
    if (first) this.#left();
    return first;
  }

  cancel(waiting: Waiting): void {
    const at = this.#queue.indexOf(waiting);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#left();
    this.#pool.owner.stats.rqCancelled.inc();
    this.#pool.onCancelled();
  }

  /** A connection could not be had: everybody hears it, so that all may go elsewhere. */
  failAll(reason: ResetReason, transportFailureReason: string): void {
    const { host, owner } = this.#pool;
    const isTls = transportFailureReason.startsWith('TLS');
    const failed = this.#queue;
    // Whoever comes back at once waits for the next connection.
    this.#queue = [];
    for (const { request, callbacks } of failed) {
      this.#left();
      owner.stats.rqPendingFailureEject.inc();
      if (request.journal)
        owner.note(request, isTls ? 'tls-failed' : 'connection-failed', {
          host: host.address,
          reason,
          transportFailureReason,
        });
      this.#pool.onFailed(reason);
      callbacks.onPoolFailure(reason, transportFailureReason, host);
    }
  }

  #left(): void {
    this.#pool.owner.stats.rqPendingActive.dec();
    this.#pool.breakers.pendingRequests.dec();
  }
}
