/**
 * Models the numbers beside the edges of the page: requests a second, success, percentiles and
 * flags over the last seconds of virtual time, for each edge and for all together.
 *
 * Each window is a ring of one-second slots; a slot is emptied when its second comes round again,
 * so recording a request costs the same however many there were.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import { LogHistogram } from './log-histogram.ts';

export interface TrafficNumbers {
  readonly requestsPerSecond: number;
  /** 0 to 1; 1 when there was no request. */
  readonly success: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Requests of the window by response flags: {"-": 120, "UO": 3}. */
  readonly byFlag: Readonly<Record<string, number>>;
}

export interface EdgeNumbers extends TrafficNumbers {
  /** "WORKLOAD.NS" or "external". */
  readonly from: string;
  readonly to: string;
  readonly mtls: boolean;
}

/** One request, or one TCP connection, that is over. */
export interface TrafficSample {
  readonly endUs: Micros;
  readonly durationUs: Micros;
  readonly succeeded: boolean;
  /** "-" without any. */
  readonly flags: string;
}

const SHARES = [0.5, 0.95, 0.99] as const;
const EDGES_MAX = 100_000;

export class TrafficRates {
  readonly #seconds: number;
  readonly #total: Window;
  readonly #edges = new Map<string, Map<string, Edge>>();
  #edgeCount = 0;

  constructor(windowSeconds = 5) {
    this.#seconds = windowSeconds;
    this.#total = new Window(windowSeconds);
  }

  /** A request as the one who sent it sees it: counts towards the total. */
  recordTotal(sample: TrafficSample): void {
    this.#total.add(sample);
  }

  /** A request over one edge, as the caller's proxy (or the first proxy that saw it) reports it. */
  recordEdge(from: string, to: string, mtls: boolean, sample: TrafficSample): void {
    let row = this.#edges.get(from);
    if (!row) this.#edges.set(from, (row = new Map()));
    let edge = row.get(to);
    if (!edge) {
      if (this.#edgeCount >= EDGES_MAX) return;
      this.#edgeCount += 1;
      row.set(to, (edge = { mtls, window: new Window(this.#seconds) }));
    }
    edge.mtls = mtls;
    edge.window.add(sample);
  }

  total(now: Micros): TrafficNumbers {
    return this.#total.numbers(now);
  }

  /** Edges that carried something in the window, in the order in which they were first seen. */
  edges(now: Micros): EdgeNumbers[] {
    const numbers: EdgeNumbers[] = [];
    for (const [from, row] of this.#edges)
      for (const [to, { mtls, window }] of row)
        if (window.isActive(now)) numbers.push({ from, to, mtls, ...window.numbers(now) });
    return numbers;
  }
}

interface Edge {
  mtls: boolean;
  readonly window: Window;
}

class Slot {
  second = -1;
  requests = 0;
  successes = 0;
  readonly durations = new LogHistogram();
  readonly byFlag = new Map<string, number>();

  restart(second: number): void {
    this.second = second;
    this.requests = 0;
    this.successes = 0;
    this.durations.clear();
    this.byFlag.clear();
  }
}

class Window {
  readonly #slots: Slot[];
  /** Shared by all reads of this window: numbers are asked for a few times a second. */
  readonly #sum = new LogHistogram();

  /** One slot more than seconds: the second under way comes on top. */
  constructor(seconds: number) {
    this.#slots = Array.from({ length: seconds + 1 }, () => new Slot());
  }

  add({ endUs, durationUs, succeeded, flags }: TrafficSample): void {
    const second = Math.floor(endUs / SECOND);
    const slot = this.#slots[second % this.#slots.length]!;
    if (slot.second !== second) slot.restart(second);
    slot.requests += 1;
    if (succeeded) slot.successes += 1;
    slot.durations.add(durationUs);
    slot.byFlag.set(flags, (slot.byFlag.get(flags) ?? 0) + 1);
  }

  isActive(now: Micros): boolean {
    return this.#slots.some((slot) => this.#isInside(slot, now));
  }

  numbers(now: Micros): TrafficNumbers {
    let requests = 0;
    let successes = 0;
    const byFlag: Record<string, number> = {};
    this.#sum.clear();
    for (const slot of this.#slots) {
      if (!this.#isInside(slot, now)) continue;
      requests += slot.requests;
      successes += slot.successes;
      this.#sum.merge(slot.durations);
      for (const [flags, count] of slot.byFlag) byFlag[flags] = (byFlag[flags] ?? 0) + count;
    }
    const [p50 = 0, p95 = 0, p99 = 0] = this.#sum.quantiles(SHARES);
    return {
      requestsPerSecond: requests / this.#spanSeconds(now),
      success: requests === 0 ? 1 : successes / requests,
      p50Ms: p50 / 1000,
      p95Ms: p95 / 1000,
      p99Ms: p99 / 1000,
      byFlag,
    };
  }

  #isInside(slot: Slot, now: Micros): boolean {
    return slot.second >= 0 && slot.second > Math.floor(now / SECOND) - this.#slots.length;
  }

  /** The whole seconds of the window and the part of the one under way; less in a young run. */
  #spanSeconds(now: Micros): number {
    const whole = Math.min(this.#slots.length - 1, Math.floor(now / SECOND));
    return Math.max(0.001, whole + (now % SECOND) / SECOND);
  }
}
