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
  #log: LogEntry[] = [];

  constructor(scene: Scene, seed: number) {
    this.scene = scene;
    this.seed = seed;
    this.#present = new Replay(new Mesh(scene, seed), true);
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
    const { simulation } = this.mesh;
    this.#cutFuture();
    this.#log.push({ timeUs: simulation.now, eventNumber: simulation.eventCount, action });
    return this.#present.act(action, this.#log);
  }

  /** Runs on to `time`, at most `eventsMax` events; false when these came first. */
  advance(time: Micros, eventsMax = Infinity): boolean {
    return this.#present.advance(this.#log, time, eventsMax);
  }

  /**
   * Goes to another moment. Forward is running on; backward replays the log, from the nearest parked
   * mesh or from the start. Each step of the iterator is one slice of work and says how far it is, 0
   * to 1. `log` replaces the session's own, for sessions that come from a link. With `fork`, what the
   * log holds after that moment is forgotten.
   */
  *goTo(
    timeUs: Micros,
    options: { fork?: boolean; log?: readonly LogEntry[] } = {},
  ): Generator<number> {
    if (options.log) {
      this.#log = [...options.log];
      this.#parked.clear();
    }
    const isBack = options.log !== undefined || timeUs < this.mesh.simulation.now;
    const replay = isBack ? (this.#parked.takeBefore(timeUs) ?? this.#beginning()) : this.#present;
    yield* replay.goTo(this.#log, timeUs, SLICE_EVENTS);
    this.#present = replay;
    if (options.fork) this.#cutFuture();
  }

  /** Work for idle moments, after which going back is quick. False when there is none left. */
  idle(sliceEvents = SLICE_EVENTS): boolean {
    return this.#parked.work(this.#log, this.mesh.simulation.eventCount, sliceEvents);
  }

  #beginning(): Replay {
    return new Replay(new Mesh(this.scene, this.seed), false);
  }

  #cutFuture(): void {
    const lost = this.#log[this.#present.done];
    if (!lost) return;
    this.#log = this.#log.slice(0, this.#present.done);
    this.#parked.forgetAfter(lost.timeUs);
  }
}
