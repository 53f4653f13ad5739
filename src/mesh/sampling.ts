/**
 * Models which requests are watched closely: journals and dots are kept for every request while
 * there are few, and for every N-th when there are many.
 *
 * Watching changes nothing that happens: the choice depends on request numbers and virtual time
 * alone and draws no chance.
 */
import { SECOND, type Micros } from '../sim/time.ts';

const WATCHED_PER_SECOND_MAX = 500;

export class Sampling {
  /** Nobody looks: no request is watched. */
  isOff = false;
  #every = 1;
  #second = 0;
  #started = 0;

  /** 1: every request is watched; 8: those whose number is divisible by eight. */
  get every(): number {
    return this.#every;
  }

  isWatched(requestId: number): boolean {
    return !this.isOff && requestId > 0 && requestId % this.#every === 0;
  }

  /** A request begins: counts towards the rate that sets the share of the next second. */
  requestStarts(now: Micros): void {
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#every = 1;
      while (this.#started / this.#every > WATCHED_PER_SECOND_MAX) this.#every *= 2;
      this.#second = second;
      this.#started = 0;
    }
    this.#started += 1;
  }
}
