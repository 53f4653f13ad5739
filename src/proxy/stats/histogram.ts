/**
 * Models Envoy's histogram: log-linear bins of two significant digits, an interval of five seconds
 * and the sum of all intervals, quantiles by interpolation inside a bin.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/stats_overview (histograms), the
 * log-linear histogram of OpenHistogram (draft-hartmann-histogram). Values are not negative.
 */
import { SECOND, type Micros } from '../../sim/time.ts';

/** Envoy's stats_flush_interval. */
const INTERVAL_US = 5 * SECOND;

/** The quantiles that /stats prints. */
export const QUANTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1] as const;

/** Upper bounds of the buckets that /stats/prometheus prints. */
export const PROMETHEUS_BUCKETS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
] as const;

/** What tells a histogram which interval it is in. */
export interface StatsClock {
  readonly now: Micros;
}

/** Bins by lower bound: 0, or m × 10^k with 10 <= m <= 99. */
export class Bins {
  readonly #counts = new Map<number, number>();
  count = 0;
  /** Sum of the bins' middles, as Envoy reports it. */
  sum = 0;

  add(lower: number, by = 1): void {
    this.#counts.set(lower, (this.#counts.get(lower) ?? 0) + by);
    this.count += by;
    this.sum += by * (lower + binWidth(lower) / 2);
  }

  merge(other: Bins): void {
    for (const [lower, count] of other.#counts) this.add(lower, count);
  }

  clear(): void {
    this.#counts.clear();
    this.count = 0;
    this.sum = 0;
  }

  /** Samples below `bound`, with those of a bin that straddles it counted as below. */
  countUpTo(bound: number): number {
    let total = 0;
    for (const [lower, count] of this.#counts) if (lower < bound) total += count;
    return total;
  }

  /** Values at the given quantiles (ascending); NaN for each when there is no sample. */
  quantiles(wanted: readonly number[]): number[] {
    if (this.count === 0) return wanted.map(() => NaN);
    const bins = [...this.#counts].sort(([one], [other]) => one - other);
    let at = 0;
    let below = 0;
    return wanted.map((quantile) => {
      const target = quantile * this.count;
      while (at < bins.length - 1 && below + bins[at]![1] < target) below += bins[at++]![1];
      const [lower, count] = bins[at]!;
      const inside = Math.max(0, (target - below) / count);
      return inside === 0 && below > 0 ? lower : lower + binWidth(lower) * inside;
    });
  }
}

function binWidth(lower: number): number {
  if (lower === 0) return 0;
  let width = 1;
  while (lower / width >= 100) width *= 10;
  while (lower / width < 10) width /= 10;
  return width;
}

/** The lower bound of the bin of a value. */
export function binOf(value: number): number {
  if (!(value > 0)) return 0;
  if (value < 100 && value >= 10) return Math.floor(value);
  if (value < 10 && Number.isInteger(value)) return value;
  let width = 1;
  while (value / width >= 100) width *= 10;
  while (value / width < 10) width /= 10;
  return Math.floor(value / width) * width;
}

export class Histogram {
  readonly name: string;
  readonly interval = new Bins();
  readonly cumulative = new Bins();
  readonly #clock: StatsClock;
  readonly #current = new Bins();
  #intervalEnd: Micros;

  constructor(name: string, clock: StatsClock) {
    this.name = name;
    this.#clock = clock;
    this.#intervalEnd = nextEnd(clock.now);
  }

  record(value: number): void {
    if (this.#clock.now >= this.#intervalEnd) this.flush();
    this.#current.add(binOf(value));
  }

  /** Has it ever been given a value, flushed or not? */
  get used(): boolean {
    return this.cumulative.count + this.#current.count > 0;
  }

  /** Closes intervals that have ended. Readers call it; no timer does. */
  flush(): void {
    const { now } = this.#clock;
    if (now < this.#intervalEnd) return;
    this.interval.clear();
    this.cumulative.merge(this.#current);
    // Only if nothing but this interval has ended were the samples made in the last one.
    if (now < this.#intervalEnd + INTERVAL_US) this.interval.merge(this.#current);
    this.#current.clear();
    this.#intervalEnd = nextEnd(now);
  }

  /** "P0(nan,1) P25(nan,1.025) …", or "No recorded values". */
  get summary(): string {
    this.flush();
    if (this.cumulative.count === 0) return 'No recorded values';
    const recent = this.interval.quantiles(QUANTILES);
    const all = this.cumulative.quantiles(QUANTILES);
    return QUANTILES.map(
      (quantile, i) =>
        `P${significant(quantile * 100)}(${significant(recent[i]!)},${significant(all[i]!)})`,
    ).join(' ');
  }
}

function nextEnd(now: Micros): Micros {
  return (Math.floor(now / INTERVAL_US) + 1) * INTERVAL_US;
}

/** As C++'s "%g" writes it: six significant digits. */
export function significant(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(Number(value.toPrecision(6)));
}
