import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, log, pow } from '../../src/sim/math.ts';

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** How many doubles lie between two of one sign. */
function ulps(one: number, other: number): number {
  double[0] = one;
  const first = bits[0]!;
  double[0] = other;
  return Number(first > bits[0]! ? first - bits[0]! : bits[0]! - first);
}

describe('own logarithm and exponential', () => {
  it('log is within 1 ulp of the platform’s', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('exp is within 1 ulp of the platform’s', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    [log(1), 0],
    [log(0), -Infinity],
    [log(5e-324), Math.log(5e-324)],
    [exp(0), 1],
    [exp(710), Infinity],
    [exp(-709), 0],
    [pow(2, 10), 1024],
    [pow(0, 3), 0],
  ])('gives %d where it is %d', (got, expected) => {
    expect(got).toBeCloseTo(expected, 9);
  });

  it('log of a negative number is no number', () => {
    expect(log(-1)).toBeNaN();
  });
});
