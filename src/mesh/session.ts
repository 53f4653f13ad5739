/**
 * Models a session: scene + seed + log of what was done. Rewinding, sharing and reproducing a bug
 * all mean running that again.
 */
import type { Action, LogEntry } from '../protocol/messages.ts';
import type { Scene } from '../protocol/scene.ts';
import type { Micros } from '../sim/time.ts';
import { Mesh, type ActResult } from './mesh.ts';
import { ParkedMeshes } from './parked-meshes.ts';
import { Replay } from './replay.ts';

/** Events handled in one slice of a journey through time, so that whoever drives it stays responsive. */
const SLICE_EVENTS = 20_000;

export class Session {
  readonly scene: Scene;
  readonly seed: number;
  readonly #parked: ParkedMeshes;
  #present: Replay;
  #log: readonly LogEntry[];

  /** Stands at the beginning. What `log` says, a session from a link, is done on the way. */
  constructor(scene: Scene, seed: number, log: readonly LogEntry[] = []) {
    this.scene = scene;
    this.seed = seed;
    this.#log = log;
    this.#present = new Replay(new Mesh(scene, seed), log.length === 0);
    this.#parked = new ParkedMeshes(() => this.#beginning());
  }

  get mesh(): Mesh {
    return this.#present.mesh;
  }

  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** Does something at the present moment and remembers it. What the log held after it is gone. */
  act(action: Action): ActResult {
    const { now: timeUs, eventCount: eventNumber } = this.#present;
    this.#cutFuture();
    this.#log = [...this.#log, { timeUs, eventNumber, action }];
    return this.#present.act(action, this.#log);
  }

  /** Runs on to `time`, at most `eventsMax` events; false when these came first. */
  advance(time: Micros, eventsMax = Infinity): boolean {
    return this.#present.advance(this.#log, time, eventsMax);
  }

  /**
   * Goes to another moment. Forward is running on; backward replays the log, from the nearest parked
   * mesh or from the start. Each step of the iterator is one slice of work and says how far it is, 0
   * to 1; the session is where it was until the last. With `fork`, what the log holds after that
   * moment is forgotten.
   */
  *goTo(timeUs: Micros, { fork = false } = {}): Generator<number> {
    const isBack = timeUs < this.#present.now;
    const replay = isBack ? (this.#parked.takeBefore(timeUs) ?? this.#beginning()) : this.#present;
    yield* replay.goTo(this.#log, timeUs, SLICE_EVENTS);
    this.#present = replay;
    if (fork) this.#cutFuture();
  }

  /** Work for idle moments, after which going back is quick. False when there is none left. */
  idle(sliceEvents = SLICE_EVENTS): boolean {
    return this.#parked.work(this.#log, this.mesh.simulation.eventCount, sliceEvents);
  }

  #beginning(): Replay {
    return new Replay(new Mesh(this.scene, this.seed), false);
  }

  /** What came after the present moment does not come to pass. */
  #cutFuture(): void {
    const { done, eventCount } = this.#present;
    this.#log = this.#log.slice(0, done);
    this.#parked.forgetAfter(eventCount, done);
  }
}
