/**
 * Models a mesh together with its place in a session's log: each action is done at the event at
 * which it was done first.
 *
 * While nobody looks it keeps no journals and no moves; watching changes nothing that happens.
 */
import type { Action, LogEntry } from '../protocol/messages.ts';
import type { Micros } from '../sim/time.ts';
import type { ActResult, Mesh } from './mesh.ts';

/** How long before the moment somebody wants to see the watching begins. */
const WATCHED_BEFORE_US: Micros = 5_000_000;

export class Replay {
  readonly mesh: Mesh;
  /** How many entries of the log have been done. */
  #done = 0;

  /** `mesh` stands at its beginning. */
  constructor(mesh: Mesh, isWatched: boolean) {
    this.mesh = mesh;
    mesh.isWatched = isWatched;
  }

  get now(): Micros {
    return this.mesh.simulation.now;
  }

  get eventCount(): number {
    return this.mesh.simulation.eventCount;
  }

  get done(): number {
    return this.#done;
  }

  /** Does something new: `log` ends with it already. */
  act(action: Action, log: readonly LogEntry[]): ActResult {
    this.#done = log.length;
    return this.mesh.act(action);
  }

  /** Runs to `time`, doing what the log says on the way; false when `eventsMax` came first. */
  advance(log: readonly LogEntry[], time: Micros, eventsMax: number): boolean {
    const end = this.eventCount + eventsMax;
    for (;;) {
      const entry = log[this.#done];
      const left = end - this.eventCount;
      if (!entry || entry.timeUs > time) return this.mesh.runUntil(time, left);
      const toEntry = entry.eventNumber - this.eventCount;
      if (toEntry > 0 && !this.mesh.runUntil(entry.timeUs, Math.min(toEntry, left)))
        if (this.eventCount < entry.eventNumber) return false;
      this.mesh.simulation.advanceTo(entry.timeUs);
      this.#done += 1;
      this.mesh.act(entry.action);
    }
  }

  /** Runs a slice towards event number `goal`; true when it stands there. */
  advanceToEvent(log: readonly LogEntry[], goal: number, sliceEvents: number): boolean {
    const entry = log[this.#done];
    const next = entry && entry.eventNumber <= goal ? entry : undefined;
    const left = (next?.eventNumber ?? goal) - this.eventCount;
    if (left > sliceEvents) {
      this.mesh.runUntil(Infinity, sliceEvents);
      return false;
    }
    if (next) this.advance(log, next.timeUs, left);
    else this.mesh.runUntil(Infinity, left);
    return this.eventCount >= goal;
  }

  /**
   * Runs to a moment, a slice a step; each step says how far it is, 0 to 1. The last seconds are
   * watched, so that what is seen there can be asked about.
   */
  *goTo(log: readonly LogEntry[], time: Micros, sliceEvents: number): Generator<number> {
    const start = this.now;
    const share = () => (time > start ? Math.min(1, (this.now - start) / (time - start)) : 1);
    const watchFrom = Math.max(start, time - WATCHED_BEFORE_US);
    while (!this.advance(log, watchFrom, sliceEvents)) yield share();
    this.mesh.isWatched = true;
    while (!this.advance(log, time, sliceEvents)) yield share();
  }
}
