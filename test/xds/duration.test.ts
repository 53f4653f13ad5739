import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationUs, parseDuration, printDuration } from '../../src/xds/duration.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['1.5s', 1_500_000],
    ['0.025s', 25_000],
    ['-3s', -3_000_000],
    ['315576000000s', 315_576_000_000_000_000],
    ['0.000000400s', 0],
  ])('%s is %d µs', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  it.each(['', '5', '5ms', '1.s', '.5s', '1e3s', ' 1s'])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('has no fraction, or three or six digits of one', () => {
    expect([1_000_000, 1_500_000, 25, -1_000].map(printDuration)).toEqual([
      '1s',
      '1.500s',
      '0.000025s',
      '-0.001s',
    ]);
  });

  it('is read as it is printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (us) => {
        expect(parseDuration(printDuration(us))).toBe(us);
      }),
    );
  });

  it('falls back when there is none', () => {
    expect(durationUs(undefined, 7)).toBe(7);
    expect(durationUs('2s', undefined)).toBe(2_000_000);
  });
});
