/**
 * Models a distribution of durations in a fixed space: 16 bins for each power of two, so that a
 * value read back is at most 3.2 % off.
 *
 * Bins are indexed by the number's leading bits; adding one is two shifts and an increment. Values
 * up to 2^31 µs (36 minutes) have a bin of their own, longer ones share the last.
 */
import type { Micros } from '../../sim/time.ts';

const FRACTION_BITS = 4;
const BINS_EACH = 1 << FRACTION_BITS;
const VALUE_MAX = 0x7fffffff;
/** Values below 16 have a bin each; every further power of two has 16. */
const BINS = (31 - FRACTION_BITS + 1) * BINS_EACH;

export class LogHistogram {
  readonly #counts = new Uint32Array(BINS);
  #total = 0;

  get count(): number {
    return this.#total;
  }

  add(value: Micros): void {
    this.#counts[binOf(value)]! += 1;
    this.#total += 1;
  }

  merge(other: LogHistogram): void {
    if (other.#total === 0) return;
    for (let i = 0; i < BINS; i++) this.#counts[i]! += other.#counts[i]!;
    this.#total += other.#total;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** The values that the given shares (ascending, 0 to 1) of all do not exceed; 0 without values. */
  quantiles(shares: readonly number[]): number[] {
    const values: number[] = [];
    let bin = 0;
    let seen = this.#counts[0]!;
    for (const share of shares) {
      const rank = Math.max(1, Math.ceil(share * this.#total));
      while (seen < rank && bin < BINS - 1) seen += this.#counts[++bin]!;
      values.push(this.#total === 0 ? 0 : middleOf(bin));
    }
    return values;
  }
}

function binOf(value: number): number {
  const v = value < VALUE_MAX ? value | 0 : VALUE_MAX;
  if (v < BINS_EACH) return v < 0 ? 0 : v;
  const exponent = 31 - Math.clz32(v);
  return (exponent - FRACTION_BITS + 1) * BINS_EACH + ((v >>> (exponent - FRACTION_BITS)) & 15);
}

function middleOf(bin: number): number {
  if (bin < BINS_EACH) return bin;
  const shift = (bin >>> FRACTION_BITS) - 1;
  return (BINS_EACH + (bin & 15)) * (1 << shift) + (1 << shift) / 2;
}
