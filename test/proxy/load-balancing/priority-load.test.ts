import { describe, expect, it } from 'vitest';
import { priorityLoad } from '../../../src/proxy/load-balancing/priority-load.ts';
import { vectors } from './vectors.ts';

interface Case {
  test: string;
  panic_threshold: number;
  overprovisioning_factor: number[];
  priorities: {
    total: number;
    healthy: number;
    degraded: number;
    excluded: number;
    weights?: number[];
  }[];
  expect: { healthy_load?: number[]; degraded_load?: number[]; panic?: boolean[] };
}

const file = vectors<{ cases: Case[] }>('lb/priority_load.json');

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

describe.skipIf(!file)("Envoy's own tables of priority loads", () => {
  it.each((file?.cases ?? []).map((one, i) => ({ ...one, i })))('$i: $test', (one) => {
    const load = priorityLoad(
      one.priorities.map(({ weights, ...counts }, i) => {
        // Hosts are listed healthy first, then degraded, then excluded.
        const { healthy, degraded, excluded } = counts;
        const usable = weights && [
          ...weights.slice(0, healthy + degraded),
          ...weights.slice(healthy + degraded + excluded),
        ];
        return {
          ...counts,
          overprovisioningFactor: one.overprovisioning_factor[i]!,
          weights: usable && {
            total: sum(usable),
            healthy: sum(usable.slice(0, healthy)),
            degraded: sum(usable.slice(healthy, healthy + degraded)),
          },
        };
      }),
      one.panic_threshold,
    );
    const { healthy_load, degraded_load, panic } = one.expect;
    if (healthy_load) expect(load.healthy).toEqual(healthy_load);
    if (degraded_load) expect(load.degraded).toEqual(degraded_load);
    if (panic) expect(load.panic).toEqual(panic);
  });
});

describe('priority loads', () => {
  const healthy = { total: 2, healthy: 2, degraded: 0, excluded: 0, overprovisioningFactor: 140 };
  const down = { ...healthy, healthy: 0 };

  it('stay away from priorities that were tried, unless none is left', () => {
    expect(priorityLoad([healthy, healthy], 50, [0]).healthy).toEqual([0, 100]);
    expect(priorityLoad([healthy, healthy], 50, [0, 1]).healthy).toEqual([100, 0]);
  });

  it('give everything to the first priority when panic is off and nobody is healthy', () => {
    expect(priorityLoad([down, down], 0)).toEqual({
      healthy: [100, 0],
      degraded: [0, 0],
      panic: [false, false],
    });
  });
});
