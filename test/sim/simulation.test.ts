import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/sim/assertion.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { HOUR, isoTimestamp, SECOND } from '../../src/sim/time.ts';
import { eventKind } from '../../src/sim/trace.ts';

const TICK = eventKind('test.tick', 'who$', 'value');

/** A run that draws chance, schedules and cancels, and records what happened. */
function run(seed: number, events: number): string {
  const simulation = new Simulation(seed);
  const random = simulation.random('test');
  const tick = (name: string) => {
    simulation.trace.record(TICK, simulation.now, simulation.trace.intern(name), random.uint32());
    const handle = simulation.schedule(random.exponential(1_000), tick, name, undefined);
    if (random.chance(300_000)) simulation.schedule(500, tick, `${name}'`, undefined);
    if (random.chance(200_000) && simulation.pending > 1) simulation.cancel(handle);
  };
  tick('a');
  tick('b');
  simulation.runUntil(Infinity, events);
  return simulation.trace.hash;
}

describe('a run', () => {
  it('has the same hash for the same seed and another for another', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(run(seed, 200)).toBe(run(seed, 200));
        expect(run(seed, 200)).not.toBe(run(seed + 1, 200));
      }),
      { numRuns: 20 },
    );
  });

  it('stands at the time it was run to', () => {
    const simulation = new Simulation(1);
    const times: number[] = [];
    const note = () => times.push(simulation.now);
    simulation.schedule(10, note, undefined, undefined);
    simulation.schedule(20, note, undefined, undefined);
    simulation.runUntil(15);
    expect([times, simulation.now, simulation.pending]).toEqual([[10], 15, 1]);
  });

  it('that is run to the end of everything stands at its last event', () => {
    const simulation = new Simulation(1);
    simulation.schedule(10, () => undefined, undefined, undefined);
    expect(simulation.runUntil(Infinity)).toBe(true);
    expect([simulation.now, simulation.runUntil(Infinity)]).toEqual([10, true]);
  });

  it('can be had in slices', () => {
    const simulation = new Simulation(1);
    const nothing = () => undefined;
    for (let i = 0; i < 10; i++) simulation.schedule(i, nothing, undefined, undefined);
    expect(simulation.runUntil(100, 4)).toBe(false);
    expect([simulation.now, simulation.eventCount]).toEqual([3, 4]);
    expect(simulation.runUntil(100, 6)).toBe(true);
    expect(simulation.now).toBe(100);
  });

  it('refuses to schedule into the past, with seed and event number', () => {
    const simulation = new Simulation(42);
    expect(() => simulation.schedule(-1, () => undefined, 0, 0)).toThrow(
      new EngineError('cannot schedule -1 µs from now', 42, 0),
    );
    expect(() => simulation.schedule(NaN, () => undefined, 0, 0)).toThrow(EngineError);
  });
});

describe('the trace', () => {
  it('hears what is recorded as long as it is subscribed', () => {
    const { trace } = new Simulation(1);
    const seen: number[] = [];
    const stop = trace.subscribe((kind, _time, who, value) => {
      seen.push(value);
      expect([kind.name, trace.text(who)]).toEqual(['test.tick', 'me']);
    });
    trace.record(TICK, 1, trace.intern('me'), 7);
    stop();
    trace.record(TICK, 2, trace.intern('me'), 8);
    expect([seen, trace.count]).toEqual([[7], 2]);
  });

  it('tells apart runs that differ in one field, one time, one text or the order', () => {
    const hashes = [
      [[1, 'a', 5]],
      [[2, 'a', 5]],
      [[1, 'b', 5]],
      [[1, 'a', 6]],
      [[1, 'a', 4_294_967_301]],
      [
        [1, 'a', 5],
        [1, 'a', 6],
      ],
      [
        [1, 'a', 6],
        [1, 'a', 5],
      ],
    ].map((events) => {
      const { trace } = new Simulation(1);
      for (const [time, who, value] of events as [number, string, number][])
        trace.record(TICK, time, trace.intern(who), value);
      return trace.hash;
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('does not let subscribers change the hash', () => {
    const hash = (isWatched: boolean) => {
      const { trace } = new Simulation(1);
      if (isWatched) trace.subscribe(() => undefined);
      trace.record(TICK, 1, 2, 3);
      return trace.hash;
    };
    expect(hash(true)).toBe(hash(false));
  });
});

describe('virtual time', () => {
  it.each([
    [0, '2026-01-01T00:00:00.000Z'],
    [12.345 * SECOND, '2026-01-01T00:00:12.345Z'],
    [24 * HOUR * 58, '2026-02-28T00:00:00.000Z'],
    [24 * HOUR * (365 + 365 + 31 + 28), '2028-02-29T00:00:00.000Z'],
  ])('%d µs is %s', (time, text) => {
    expect(isoTimestamp(time)).toBe(text);
    expect(new Date(text).toISOString()).toBe(text);
  });
});
