/**
 * Models meshes left standing at earlier moments of a session, so that going back need not begin at
 * the start. A mesh cannot be copied; each of these has run the session's log itself, in moments
 * when its owner had nothing else to do.
 *
 * Bounded: PARKED_MAX meshes; when they are full every other one is let go and the gaps double.
 */
import type { LogEntry } from '../protocol/messages.ts';
import type { Micros } from '../sim/time.ts';
import { Replay } from './replay.ts';

const PARKED_MAX = 12;
/** Events between two parked meshes at first: a few tenths of a second of work. */
const FIRST_GAP_EVENTS = 200_000;

export class ParkedMeshes {
  readonly #newReplay: () => Replay;
  #parked: Replay[] = [];
  #building: Replay | undefined = undefined;
  #gapEvents = FIRST_GAP_EVENTS;

  constructor(newReplay: () => Replay) {
    this.#newReplay = newReplay;
  }

  /**
   * Does a slice of work towards the next parked mesh, which must stay behind `eventCount`, the
   * events of the session so far. False when there is nothing to do.
   */
  work(log: readonly LogEntry[], eventCount: number, sliceEvents: number): boolean {
    const goal = (this.#parked.at(-1)?.eventCount ?? 0) + this.#gapEvents;
    if (goal > eventCount) return false;
    this.#building ??= this.#newReplay();
    if (!this.#building.advanceToEvent(log, goal, sliceEvents)) return true;
    this.#parked.push(this.#building);
    this.#building = undefined;
    if (this.#parked.length >= PARKED_MAX) this.#thin();
    return true;
  }

  /** Takes the latest mesh that stands no later than `time`; undefined when there is none. */
  takeBefore(time: Micros): Replay | undefined {
    const at = this.#parked.findLastIndex((replay) => replay.now <= time);
    if (at < 0) return undefined;
    const [taken] = this.#parked.splice(at, 1);
    return taken;
  }

  /** Lets go of those past event `eventCount` or `done` entries of the log: they ran another course. */
  forgetAfter(eventCount: number, done: number): void {
    const isOf = (replay: Replay) => replay.eventCount <= eventCount && replay.done <= done;
    this.#parked = this.#parked.filter(isOf);
    if (this.#building && !isOf(this.#building)) this.#building = undefined;
  }

  #thin(): void {
    this.#parked = this.#parked.filter((_replay, index) => index % 2 === 1);
    this.#gapEvents *= 2;
  }
}
