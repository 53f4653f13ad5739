import { describe, expect, test } from 'vitest';
import type { LoadSource } from '../../src/protocol/scene.ts';
import { SECOND } from '../../src/sim/time.ts';
import { LoadGenerator } from '../../src/workloads/load/generator.ts';
import { World } from './world.ts';

const open = { kind: 'open', ratePerSecond: 100, arrivals: 'poisson' } as const;

function loaded(more: Partial<LoadSource>, seconds: number, origins = 1) {
  const world = new World({ bin: { image: 'go-httpbin', port: 80 } }, 7);
  const source: LoadSource = {
    id: 'l',
    from: 'external',
    url: 'http://bin/headers',
    model: open,
    ...more,
  };
  const statuses: number[] = [];
  const bodies: string[] = [];
  const errors: string[] = [];
  const all = Array.from({ length: origins }, () => ({ name: 'external', client: world.client }));
  const generator = new LoadGenerator(world.simulation, source, () => all, {
    nextRequestId: world.nextRequestId,
    done: (_source, _origin, outcome) => {
      statuses.push(outcome.status);
      bodies.push(outcome.body);
      if (outcome.error) errors.push(outcome.error);
    },
  });
  generator.start();
  world.simulation.runUntil(seconds * SECOND);
  generator.stop();
  return { world, generator, statuses, bodies, errors };
}

describe('a load generator', () => {
  test('Poisson arrivals keep their rate on average', () => {
    const { generator } = loaded({}, 10);
    // 1,000 expected, standard deviation 32.
    expect(Math.abs(generator.sent - 1000)).toBeLessThan(128);
  });

  test('constant arrivals are exact', () => {
    const { generator } = loaded(
      { model: { ...open, ratePerSecond: 7, arrivals: 'constant' } },
      10,
    );
    expect(generator.sent).toBe(70);
  });

  test('closed users ask again when they have been answered', () => {
    const model = { kind: 'closed', connections: 3, thinkMs: 100 } as const;
    const { generator } = loaded({ model }, 1);
    // Three users, a little over 100 ms a turn: ten turns each.
    expect(generator.sent).toBe(30);
  });

  test('a closed user whose requests fail at once asks once a millisecond', () => {
    const model = { kind: 'closed', connections: 1, thinkMs: 0 } as const;
    const { errors } = loaded({ model, url: 'http://nobody/' }, 0.1);
    expect([errors[0], errors.length]).toEqual(['no-such-host', 101]);
  });

  test('a variant takes its share', () => {
    const variants = [{ percent: 30, headers: { 'x-cohort': 'b' } }];
    const { bodies } = loaded({ variants }, 10);
    const share = bodies.filter((body) => body.includes('x-cohort')).length / bodies.length;
    // Four deviations of 1,000 draws at 30 %: 5.8 points.
    expect(Math.abs(share - 0.3)).toBeLessThan(0.058);
  });

  test('without a pod to send from nothing is sent', () => {
    const { generator } = loaded({}, 1, 0);
    expect([generator.sent, generator.notSent > 50]).toEqual([0, true]);
  });

  test('the same seed sends at the same moments', () => {
    expect(loaded({}, 3).world.simulation.eventCount).toBe(
      loaded({}, 3).world.simulation.eventCount,
    );
  });
});
