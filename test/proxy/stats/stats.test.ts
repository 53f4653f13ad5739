import { describe, expect, it } from 'vitest';
import { StatsStore } from '../../../src/proxy/stats.ts';
import { binOf } from '../../../src/proxy/stats/histogram.ts';
import { SECOND } from '../../../src/sim/time.ts';

describe('statistics', () => {
  it('gives the same handle for the same name', () => {
    const store = new StatsStore({ now: 0 });
    store.counter('cluster.a.upstream_rq_total').inc();
    store.counter('cluster.a.upstream_rq_total').inc(2);
    expect(store.value('cluster.a.upstream_rq_total')).toBe(3);
    expect(store.value('cluster.b.upstream_rq_total')).toBeUndefined();
  });

  it('prints numbers by name and histograms last', () => {
    const clock = { now: 0 };
    const store = new StatsStore(clock);
    store.histogram('a_time').record(5);
    store.gauge('z').set(2);
    store.counter('m').inc();
    clock.now = 5 * SECOND;
    expect(store.text()).toBe(
      'm: 1\nz: 2\na_time: P0(5,5) P25(5.025,5.025) P50(5.05,5.05) P75(5.075,5.075) ' +
        'P90(5.09,5.09) P95(5.095,5.095) P99(5.099,5.099) P99.5(5.0995,5.0995) ' +
        'P99.9(5.0999,5.0999) P100(5.1,5.1)\n',
    );
  });

  it('has no recent quantiles once five seconds pass without a sample', () => {
    const clock = { now: 0 };
    const store = new StatsStore(clock);
    store.histogram('a_time').record(1);
    expect(store.text()).toBe('a_time: No recorded values\n');
    clock.now = 11 * SECOND;
    expect(store.text()).toContain('P0(nan,1) P25(nan,1.025)');
  });

  it('puts values into bins of two significant digits', () => {
    expect([0, 1, 9, 10, 99, 100, 1234, 0.25].map(binOf)).toEqual([
      0, 1, 9, 10, 99, 100, 1200, 0.25,
    ]);
  });
});
