import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/sim/random.ts';
import { Simulation } from '../../src/sim/simulation.ts';

const draws = (stream: RandomStream, count: number) =>
  Array.from({ length: count }, () => stream.uint32());

describe('a named stream', () => {
  it('depends on seed and name alone, not on who else draws', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.nat({ max: 50 }), (seed, name, others) => {
        const simulation = new Simulation(seed);
        draws(simulation.random(`${name}'`), others);
        expect(draws(simulation.random(name), 5)).toEqual(draws(new RandomStream(seed, name), 5));
      }),
    );
  });

  it('differs from its neighbours in name and seed', () => {
    const first = [
      ...['a', 'b', 'c'].map((name) => new RandomStream(1, name)),
      ...[2, 3, -1].map((seed) => new RandomStream(seed, 'a')),
    ].map((stream) => stream.uint32());
    expect(new Set(first).size).toBe(6);
  });

  it('goes on where it stood when it is asked for again', () => {
    const simulation = new Simulation(1);
    const [one, two] = draws(new RandomStream(1, 'x'), 2);
    expect([simulation.random('x').uint32(), simulation.random('x').uint32()]).toEqual([one, two]);
  });

  it('stays in its bounds', () => {
    const stream = new RandomStream(1, 'bounds');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_294_967_296 }), (bound) => {
        const value = stream.below(bound);
        expect(value >= 0 && value < bound && Number.isInteger(value)).toBe(true);
        const fraction = stream.fraction();
        expect(fraction >= 0 && fraction < 1).toBe(true);
      }),
    );
  });

  it('spreads evenly: each tenth of 100,000 draws lies within 5 σ of 10,000', () => {
    const stream = new RandomStream(1, 'even');
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) tenths[stream.below(10)]! += 1;
    // σ = √(100,000 × 0.1 × 0.9) = 95
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 95);
  });

  it('has exponential delays of the mean asked for', () => {
    const stream = new RandomStream(1, 'poisson');
    let sum = 0;
    for (let i = 0; i < 100_000; i++) sum += stream.exponential(1_000);
    // σ of the mean = 1,000 / √100,000 = 3.2
    expect(Math.abs(sum / 100_000 - 1_000)).toBeLessThan(5 * 3.2);
  });
});
