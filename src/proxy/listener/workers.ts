/**
 * Models the worker threads of a listener: a connection stays with the worker that got it. The
 * kernel picks by a hash of the four parts of the connection's address, so that few long-lived
 * connections lie unevenly; exact balance gives each to the worker that has the fewest.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/intro/threading_model
 * Simplified: all workers share one event loop, connection pools and load balancers; statistics of
 * workers appear with the listener's first connection.
 */
import type { ConnectionEnd } from '../../sim/network/connection.ts';
import { fnv1a, scramble } from '../../sim/hash.ts';
import type { Counter, Gauge, StatsStore } from '../stats.ts';

interface Worker {
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
}

export class ListenerWorkers {
  readonly #prefix: string;
  readonly #stats: StatsStore;
  readonly #count: number;
  readonly #isExact: boolean;
  #workers: readonly Worker[] | undefined = undefined;

  /** `prefix` of the listener's statistics, with its dot. */
  constructor(prefix: string, stats: StatsStore, count: number, isExact: boolean) {
    this.#prefix = prefix;
    this.#stats = stats;
    this.#count = Math.max(1, count);
    this.#isExact = isExact;
  }

  /** The number of the worker that the connection belongs to from now on. */
  take(end: ConnectionEnd): number {
    const workers = (this.#workers ??= this.#start());
    const number = this.#isExact ? idlest(workers) : this.#hashed(end);
    const worker = workers[number]!;
    worker.cxTotal.inc();
    worker.cxActive.inc();
    return number;
  }

  giveBack(number: number): void {
    this.#workers?.[number]?.cxActive.dec();
  }

  #hashed({ remote, local }: ConnectionEnd): number {
    if (this.#count === 1) return 0;
    const address = `${remote.ip}:${remote.port} ${local.ip}:${local.port}`;
    return scramble(fnv1a(address)) % this.#count;
  }

  #start(): readonly Worker[] {
    return Array.from({ length: this.#count }, (_, number) => ({
      cxTotal: this.#stats.counter(`${this.#prefix}worker_${number}.downstream_cx_total`),
      cxActive: this.#stats.gauge(`${this.#prefix}worker_${number}.downstream_cx_active`),
    }));
  }
}

/** The first of those with the fewest connections. */
function idlest(workers: readonly Worker[]): number {
  let best = 0;
  for (let i = 1; i < workers.length; i++)
    if (workers[i]!.cxActive.value < workers[best]!.cxActive.value) best = i;
  return best;
}
