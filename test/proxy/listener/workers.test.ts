import { describe, expect, test } from 'vitest';
import { ListenerWorkers } from '../../../src/proxy/listener/workers.ts';
import { StatsStore } from '../../../src/proxy/stats.ts';
import type { ConnectionEnd } from '../../../src/sim/network/connection.ts';

function from(port: number): ConnectionEnd {
  const remote = { ip: '10.0.0.2', port };
  return { remote, local: { ip: '10.0.0.1', port: 15006 } } as ConnectionEnd;
}

function workersOf(count: number, isExact: boolean) {
  const stats = new StatsStore({ now: 0 });
  const workers = new ListenerWorkers('listener.a.', stats, count, isExact);
  const values = (statistic: string) =>
    Array.from({ length: count }, (_, i) => stats.value(`listener.a.worker_${i}.${statistic}`));
  return { workers, values };
}

const PORTS = Array.from({ length: 400 }, (_, i) => 40_000 + i);

describe('the workers of a listener', () => {
  test('get few connections unevenly, by their addresses', () => {
    const { workers, values } = workersOf(4, false);
    for (const port of PORTS.slice(0, 8)) workers.take(from(port));
    // The chance that eight fall two to each of four workers is 8! / 2^4 / 4^8 = 3.8 %.
    expect(new Set(values('downstream_cx_active')).size).toBeGreaterThan(1);
  });

  test('get many about evenly', () => {
    const { workers, values } = workersOf(4, false);
    for (const port of PORTS) workers.take(from(port));
    // 100 each, within four deviations: 4 √(400 × 1/4 × 3/4) = 35.
    for (const count of values('downstream_cx_total'))
      expect(Math.abs(count! - 100)).toBeLessThan(35);
  });

  test('keep a connection, and the same address comes to the same worker', () => {
    const { workers, values } = workersOf(4, false);
    const number = workers.take(from(40_000));
    workers.giveBack(number);
    expect(workers.take(from(40_000))).toBe(number);
    expect(values('downstream_cx_total')[number]).toBe(2);
    expect(values('downstream_cx_active')[number]).toBe(1);
  });

  test('with exact balance the one with the fewest is next', () => {
    const { workers, values } = workersOf(3, true);
    expect(PORTS.slice(0, 5).map((port) => workers.take(from(port)))).toEqual([0, 1, 2, 0, 1]);
    workers.giveBack(1);
    workers.giveBack(1);
    expect(workers.take(from(50_000))).toBe(1);
    expect(values('downstream_cx_active')).toEqual([2, 1, 1]);
  });
});
