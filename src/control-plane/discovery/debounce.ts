/**
 * Models istiod's debounce: changes that come close together make one push.
 *
 * Spec: istio pilot/pkg/xds/discovery.go, debounce: 100 ms after the last event, at most 10 s after
 * the first (PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX).
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';

export const DEBOUNCE_AFTER_US: Micros = 100 * MS;
export const DEBOUNCE_MAX_US: Micros = 10 * SECOND;

export class Debounce {
  readonly #simulation: Simulation;
  readonly #afterUs: Micros;
  readonly #maxUs: Micros;
  readonly #fire: () => void;
  #timer: TimerHandle = NO_TIMER;
  #firstAt: Micros = 0;
  #lastAt: Micros = 0;

  constructor(simulation: Simulation, afterUs: Micros, maxUs: Micros, fire: () => void) {
    this.#simulation = simulation;
    this.#afterUs = afterUs;
    this.#maxUs = maxUs;
    this.#fire = fire;
  }

  /** Something changed. */
  event(): void {
    this.#lastAt = this.#simulation.now;
    if (this.#timer !== NO_TIMER) return;
    this.#firstAt = this.#lastAt;
    this.#wait(this.#afterUs);
  }

  cancel(): void {
    this.#simulation.cancel(this.#timer);
    this.#timer = NO_TIMER;
  }

  #wait(delayUs: Micros): void {
    this.#timer = this.#simulation.schedule(delayUs, elapsed, this, undefined);
  }

  /** As in istiod the timer is set anew only when it has run out, not at each event. */
  elapsed(): void {
    const { now } = this.#simulation;
    const quietUs = now - this.#lastAt;
    if (quietUs < this.#afterUs && now - this.#firstAt < this.#maxUs) {
      this.#wait(this.#afterUs - quietUs);
      return;
    }
    this.#timer = NO_TIMER;
    this.#fire();
  }
}

function elapsed(debounce: Debounce): void {
  debounce.elapsed();
}
