import { MOVE, MOVE_FIELDS, type EdgeRates, type Frame, type Rates } from '../../protocol/frame.ts';
import type { Event } from '../../protocol/messages.ts';
import type { Topology } from '../../protocol/topology.ts';

/** One point of the small charts. */
export interface Sample {
  readonly timeUs: number;
  readonly requestsPerSecond: number;
  readonly success: number;
  readonly p95Ms: number;
}

const SAMPLE_EVERY_US = 250_000;
const SAMPLES_MAX = 1200;
/** Numbers that change sixty times a second cannot be read. */
const NUMBERS_EVERY_MS = 200;

/** What the mesh looks like now: the last snapshot of everything the worker says. */
export class MeshView {
  topology = $state.raw<Topology>();
  total = $state.raw<Rates>();
  edges = $state.raw<readonly EdgeRates[]>([]);
  inFlight = $state(0);
  sampling = $state(1);
  history = $state.raw<readonly Sample[]>([]);
  /** The last request that set out: what a keyboard opens. */
  newestRequest: number | undefined;
  #shownAtMs = -Infinity;
  #frameListeners = new Set<(frame: Frame) => void>();

  /** Hears every frame, outside reactivity: for what is drawn sixty times a second. */
  onFrame(listener: (frame: Frame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  forget(): void {
    this.topology = undefined;
    this.newestRequest = undefined;
    this.total = undefined;
    this.edges = [];
    this.history = [];
    this.#shownAtMs = -Infinity;
  }

  hear(event: Event): void {
    if (event.type === 'topology') this.topology = event.topology;
    if (event.type === 'frame') this.#hearFrame(event.frame);
  }

  #hearFrame(frame: Frame): void {
    for (const listener of this.#frameListeners) listener(frame);
    this.#remember(frame);
    const last = frame.moves.at(-MOVE_FIELDS + MOVE.request);
    if (last !== undefined && last > 0) this.newestRequest = last;
    if (frame.edges) this.edges = frame.edges;
    const nowMs = performance.now();
    if (nowMs - this.#shownAtMs < NUMBERS_EVERY_MS) return;
    this.#shownAtMs = nowMs;
    this.total = frame.total;
    this.inFlight = frame.inFlight;
    this.sampling = frame.sampling;
  }

  #remember({ timeUs, total }: Frame): void {
    let { history } = this;
    if ((history.at(-1)?.timeUs ?? 0) > timeUs) {
      history = history.filter((sample) => sample.timeUs < timeUs);
    } else if (timeUs - (history.at(-1)?.timeUs ?? -Infinity) < SAMPLE_EVERY_US) {
      return;
    }
    const { requestsPerSecond, success, p95Ms } = total;
    const sample = { timeUs, requestsPerSecond, success, p95Ms };
    this.history = [...history.slice(1 - SAMPLES_MAX), sample];
  }
}
