/**
 * Models a source of requests: people or machines that keep asking, from pods or from outside.
 *
 * An open source sends when it is time, whatever became of the last request; a closed one has a
 * number of users who each wait for their answer and think before they ask again.
 *
 * Simplified: a closed user's thinking time is constant.
 */
import type { LoadSource } from '../../protocol/scene.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';
import type { ClientRequest, HeaderPairs, HttpClient } from '../http/client.ts';
import type { HttpOutcome } from '../http/outcome.ts';

/** Where requests of a source come from: a pod's application, or a machine outside. */
export interface LoadOrigin {
  /** "POD.NS" or "external". */
  readonly name: string;
  readonly client: HttpClient;
}

export interface LoadListener {
  /** The number of the next request of the run. */
  nextRequestId(): number;
  sent?(source: LoadSource, origin: LoadOrigin, request: ClientRequest): void;
  done?(source: LoadSource, origin: LoadOrigin, outcome: HttpOutcome): void;
}

/** How many requests of an open source may be under way; what comes beyond that is not sent. */
const IN_FLIGHT_MAX = 100_000;
/** How long a source without a pod to send from waits before it looks again. */
const ORIGIN_RETRY_US = 100 * MS;
/** Without it a user whose requests fail at once would ask for ever in one instant. */
const NO_TIME_PAUSE_US = 1 * MS;

export class LoadGenerator {
  readonly source: LoadSource;
  readonly #simulation: Simulation;
  readonly #origins: () => readonly LoadOrigin[];
  readonly #listener: LoadListener;
  readonly #random: RandomStream;
  readonly #headers: readonly HeaderPairs[];
  readonly #percentTo: readonly number[];
  readonly #timeoutUs: Micros;
  #isRunning = false;
  #inFlight = 0;
  #notSent = 0;
  #sentCount = 0;
  #startUs: Micros = 0;
  #nextOrigin = 0;
  #timer: TimerHandle = NO_TIMER;

  /** `origins` is asked for each request: pods come and go. They take turns. */
  constructor(
    simulation: Simulation,
    source: LoadSource,
    origins: () => readonly LoadOrigin[],
    listener: LoadListener,
  ) {
    this.source = source;
    this.#simulation = simulation;
    this.#origins = origins;
    this.#listener = listener;
    this.#random = simulation.random(`load/${source.id}`);
    const variants = source.variants ?? [];
    this.#headers = [source.headers ?? {}, ...variants.map((variant) => variant.headers)].map(
      (headers) => Object.entries(headers),
    );
    let sum = 0;
    this.#percentTo = variants.map(({ percent }) => (sum += percent));
    this.#timeoutUs = (source.timeoutMs ?? 30_000) * MS;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get sent(): number {
    return this.#sentCount;
  }

  /** Requests that never left: no pod to send them from, or too many under way. */
  get notSent(): number {
    return this.#notSent;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#startUs = this.#simulation.now;
    this.#sentCount = 0;
    const { model } = this.source;
    if (model.kind === 'closed')
      for (let user = 0; user < model.connections; user++) this.#closedTurn();
    else if (model.ratePerSecond > 0) this.#scheduleArrival(0);
  }

  /** No more new requests; those under way are still reported. */
  stop(): void {
    this.#isRunning = false;
    this.#simulation.cancel(this.#timer);
  }

  #scheduleArrival(count: number): void {
    const { model } = this.source;
    if (model.kind !== 'open') return;
    const mean = SECOND / model.ratePerSecond;
    // A constant rate is counted from the start, so that rounding does not change it.
    const wait =
      model.arrivals === 'poisson'
        ? this.#random.exponential(mean)
        : Math.max(0, Math.round(this.#startUs + (count + 1) * mean) - this.#simulation.now);
    this.#timer = this.#simulation.schedule(wait, arrive, this, count + 1);
  }

  /** For the event queue. */
  arrival(count: number): void {
    this.#scheduleArrival(count);
    if (this.#inFlight >= IN_FLIGHT_MAX || !this.#send(ignore)) this.#notSent += 1;
  }

  /** For the event queue: one user of a closed source asks again. */
  closedTurn(): void {
    this.#closedTurn();
  }

  #closedTurn(): void {
    if (!this.#isRunning) return;
    if (!this.#send(askAgain))
      this.#simulation.schedule(ORIGIN_RETRY_US, takeTurn, this, undefined);
  }

  #send(andThen: (generator: LoadGenerator, tookUs: Micros) => void): boolean {
    const origins = this.#origins();
    if (origins.length === 0) return false;
    const origin = origins[this.#nextOrigin++ % origins.length]!;
    const { source } = this;
    const request: ClientRequest = {
      method: source.method ?? 'GET',
      url: source.url,
      headers: this.#headers[this.#variant()]!,
      body: source.body,
      timeoutUs: this.#timeoutUs,
      requestId: this.#listener.nextRequestId(),
    };
    this.#inFlight += 1;
    this.#sentCount += 1;
    this.#listener.sent?.(source, origin, request);
    origin.client.send(request, (outcome) => {
      this.#inFlight -= 1;
      this.#listener.done?.(source, origin, outcome);
      andThen(this, outcome.durationUs);
    });
    return true;
  }

  /** 0: the source's own headers; otherwise one more than the variant's index. */
  #variant(): number {
    if (this.#percentTo.length === 0) return 0;
    const percent = this.#random.fraction() * 100;
    return this.#percentTo.findIndex((to) => percent < to) + 1;
  }

  /** For the closed model: thinks, then asks again. What failed in no time is not asked at once. */
  think(tookUs: Micros): void {
    const { model } = this.source;
    if (!this.#isRunning || model.kind !== 'closed') return;
    const wait = Math.max(model.thinkMs * MS, tookUs === 0 ? NO_TIME_PAUSE_US : 0);
    this.#simulation.schedule(wait, takeTurn, this, undefined);
  }
}

function arrive(generator: LoadGenerator, count: number): void {
  generator.arrival(count);
}

function takeTurn(generator: LoadGenerator): void {
  generator.closedTurn();
}

function askAgain(generator: LoadGenerator, tookUs: Micros): void {
  generator.think(tookUs);
}

function ignore(): void {}
