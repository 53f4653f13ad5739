/** Models what a load tool remembers of its calls, for percentiles at the end. */
import type { Micros } from '../../sim/time.ts';

export class LatencyRecord {
  readonly #latencies: Micros[] = [];
  #isSorted = true;
  #sum = 0;

  get count(): number {
    return this.#latencies.length;
  }

  get meanUs(): Micros {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  add(latency: Micros): void {
    this.#latencies.push(latency);
    this.#sum += latency;
    this.#isSorted = false;
  }

  /** The smallest latency that `percent` of the calls did not exceed; 0 without calls. */
  percentileUs(percent: number): Micros {
    if (!this.#isSorted) this.#latencies.sort((one, other) => one - other);
    this.#isSorted = true;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.count));
    return this.#latencies[rank - 1] ?? 0;
  }
}
