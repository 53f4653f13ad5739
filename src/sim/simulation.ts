/**
 * Models a run: virtual time, the future, chance and the record, in one place.
 *
 * Everything in the engine happens inside an event handler; nothing sleeps, waits or asks the
 * machine for the time. The same seed and the same calls give the same trace hash everywhere.
 */
import { EngineError } from './assertion.ts';
import { EventQueue, type Handler, type TimerHandle } from './event-queue.ts';
import { RandomStream } from './random.ts';
import type { Micros } from './time.ts';
import { Trace } from './trace.ts';

export class Simulation {
  readonly seed: number;
  readonly trace = new Trace();
  readonly #queue = new EventQueue();
  readonly #streams = new Map<string, RandomStream>();
  #now: Micros = 0;
  #eventCount = 0;

  /** `seed`: any 32-bit integer. */
  constructor(seed: number) {
    this.seed = seed;
  }

  /** Virtual time, microseconds since the start. */
  get now(): Micros {
    return this.#now;
  }

  /** How many events have been handled. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** How many events are still to come. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Time of the next event; Infinity when nothing will ever happen again. */
  get nextTime(): Micros {
    return this.#queue.nextTime;
  }

  /**
   * Calls `handler(a, b)` after `delay` microseconds of virtual time. Events of one instant happen
   * in the order in which they were scheduled. Pass what the handler needs as `a` and `b`, not in a
   * closure: that keeps the hot path free of allocation.
   */
  schedule<A, B>(delay: Micros, handler: Handler<A, B>, a: A, b: B): TimerHandle {
    if (!(delay >= 0)) this.fail(`cannot schedule ${delay} µs from now`);
    return this.#queue.push(this.#now + Math.round(delay), handler, a, b);
  }

  /** Takes a scheduled event back; false when it has already happened. */
  cancel(handle: TimerHandle): boolean {
    return this.#queue.cancel(handle);
  }

  /** The named stream of chance; the same object for the same name. */
  random(name: string): RandomStream {
    const known = this.#streams.get(name);
    if (known) return known;
    const stream = new RandomStream(this.seed, name);
    this.#streams.set(name, stream);
    return stream;
  }

  /** Handles the next event. False when there is none. */
  step(): boolean {
    if (this.#queue.size === 0) return false;
    this.#now = this.#queue.nextTime;
    this.#eventCount += 1;
    this.#queue.runNext();
    return true;
  }

  /**
   * Handles all events up to and including `time`, then stands at `time` (after Infinity: at the
   * last event). Stops early, and returns false, after `eventsMax` events: whoever drives a page
   * gives it a slice at a time.
   */
  runUntil(time: Micros, eventsMax = Infinity): boolean {
    const queue = this.#queue;
    // counted this way because a handler may itself run events: a command that takes time
    const end = this.#eventCount + eventsMax;
    for (let next = queue.nextTime; next <= time && next !== Infinity; next = queue.nextTime) {
      if (this.#eventCount >= end) return false;
      this.#now = next;
      this.#eventCount += 1;
      queue.runNext();
    }
    if (time > this.#now && time !== Infinity) this.#now = time;
    return true;
  }

  /** Stands at `time` without handling anything; nothing may be due before it. */
  advanceTo(time: Micros): void {
    this.assert(this.#queue.nextTime >= time, `an event is due before ${time} µs`);
    if (time > this.#now) this.#now = time;
  }

  /** Throws an EngineError unless `condition` holds. */
  assert(condition: boolean, message: string): asserts condition {
    if (!condition) this.fail(message);
  }

  /** A bug of ours: throws with what is needed to reproduce it. */
  fail(message: string): never {
    throw new EngineError(message, this.seed, this.#eventCount);
  }
}
