/**
 * Models a session: scene + seed + log of what was done. Rewinding, sharing and reproducing a bug
 * all mean running that again.
 */
import type { Action, LogEntry } from '../protocol/messages.ts';
import type { Scene } from '../protocol/scene.ts';
import type { Micros } from '../sim/time.ts';
import { Mesh, type ActResult } from './mesh.ts';

/** Events handled in one slice of a replay, so that whoever drives it stays responsive. */
const REPLAY_SLICE_EVENTS = 50_000;

export class Session {
  readonly scene: Scene;
  readonly seed: number;
  #mesh: Mesh;
  #log: LogEntry[] = [];

  constructor(scene: Scene, seed: number) {
    this.scene = scene;
    this.seed = seed;
    this.#mesh = new Mesh(scene, seed);
  }

  get mesh(): Mesh {
    return this.#mesh;
  }

  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** Does something at the present moment and remembers it. */
  act(action: Action): ActResult {
    const { simulation } = this.#mesh;
    this.#log.push({ timeUs: simulation.now, eventNumber: simulation.eventCount, action });
    return this.#mesh.act(action);
  }

  /**
   * Goes to another moment. Forward is running on; backward starts anew and replays the log. Each
   * step of the returned iterator does one slice of work and says how far it is, 0 to 1. `log`
   * replaces the session's own, for sessions that come from a link. With `fork`, what the log holds
   * after that moment is forgotten.
   */
  *goTo(
    timeUs: Micros,
    options: { fork?: boolean; log?: readonly LogEntry[] } = {},
  ): Generator<number> {
    if (options.log) this.#log = [...options.log];
    if (options.log || timeUs < this.#mesh.simulation.now) yield* this.#replay(timeUs);
    else yield* this.#runOn(timeUs);
    if (options.fork) this.#log = this.#log.filter((entry) => entry.timeUs <= timeUs);
  }

  *#replay(timeUs: Micros): Generator<number> {
    this.#mesh = new Mesh(this.scene, this.seed);
    for (const entry of this.#log) {
      if (entry.timeUs > timeUs) break;
      yield* this.#runToEvent(entry);
      this.#mesh.act(entry.action);
    }
    yield* this.#runOn(timeUs);
  }

  *#runToEvent(entry: LogEntry): Generator<number> {
    const { simulation } = this.#mesh;
    while (simulation.eventCount < entry.eventNumber) {
      const left = entry.eventNumber - simulation.eventCount;
      const before = simulation.eventCount;
      this.#mesh.runUntil(entry.timeUs, Math.min(left, REPLAY_SLICE_EVENTS));
      if (simulation.eventCount === before) break;
      yield share(simulation.now, entry.timeUs);
    }
    simulation.advanceTo(entry.timeUs);
  }

  *#runOn(timeUs: Micros): Generator<number> {
    while (!this.#mesh.runUntil(timeUs, REPLAY_SLICE_EVENTS))
      yield share(this.#mesh.simulation.now, timeUs);
  }
}

function share(now: Micros, goal: Micros): number {
  return goal > 0 ? Math.min(1, now / goal) : 1;
}
