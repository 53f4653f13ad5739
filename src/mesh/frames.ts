/** Models what the page is told many times a second: moves and rates since the last frame. */
import type { EdgeRates, Frame } from '../protocol/frame.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, type Micros } from '../sim/time.ts';
import type { Moves } from './moves.ts';
import type { Traffic } from './traffic.ts';

/** How often edges are summed up. */
const EDGES_EVERY_US: Micros = 250 * MS;

export class Frames {
  readonly #simulation: Simulation;
  readonly #traffic: Traffic;
  readonly #moves: Moves;
  #previousUs: Micros = 0;
  #edgesUs: Micros = -Infinity;
  /** Counts pushes and answers: propagation is told again when it grows. */
  pushRevision = 0;

  constructor(simulation: Simulation, traffic: Traffic, moves: Moves) {
    this.#simulation = simulation;
    this.#traffic = traffic;
    this.#moves = moves;
    simulation.trace.subscribe((kind) => {
      if (kind.name.startsWith('xds.')) this.pushRevision += 1;
    });
  }

  /** The scene begins now: what was before is not shown. */
  begin(): void {
    this.#moves.take();
    this.#previousUs = this.#simulation.now;
  }

  take(): Frame {
    const { now } = this.#simulation;
    const { rates, sampling, inFlight } = this.#traffic;
    const isDue = now - this.#edgesUs >= EDGES_EVERY_US;
    if (isDue) this.#edgesUs = now;
    const frame: Frame = {
      timeUs: now,
      previousUs: this.#previousUs,
      moves: this.#moves.take(),
      sampling: sampling.every,
      inFlight,
      total: rates.total(now),
      ...(isDue && { edges: rates.edges(now) as EdgeRates[] }),
    };
    this.#previousUs = now;
    return frame;
  }
}
