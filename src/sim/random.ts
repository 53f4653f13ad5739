/**
 * Models chance: named streams of pseudo-random numbers, split from the seed of a run.
 *
 * A stream's numbers depend on the seed and its name alone, so a new consumer of chance never
 * shifts the draws of another. Generator: xoroshiro128+ of pure-rand.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { fnv1a, scramble } from './hash.ts';
import { log } from './math.ts';
import type { Micros } from './time.ts';

const TWO_POW_32 = 4_294_967_296;

export class RandomStream {
  readonly #generator: { next(): number };

  constructor(seed: number, name: string) {
    this.#generator = xoroshiro128plus(scramble(scramble(seed) ^ fnv1a(name)) | 0);
  }

  /** 32 random bits as an unsigned integer. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** A fraction in [0, 1) with 53 random bits. */
  fraction(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  /** An integer in [0, bound); 1 <= bound <= 2^32. Bias below 2^-21 for any bound. */
  below(bound: number): number {
    return Math.floor((this.uint32() / TWO_POW_32) * bound);
  }

  /** True with the given probability in parts per million. */
  chance(perMillion: number): boolean {
    return this.below(1_000_000) < perMillion;
  }

  /** An exponentially distributed delay with the given mean, at least 1 microsecond. */
  exponential(mean: Micros): Micros {
    return Math.max(1, Math.round(-log(1 - this.fraction()) * mean));
  }
}
