import { describe, expect, it } from 'vitest';
import { Bench, endpoint } from './bench.ts';

function named(type: string, name: string) {
  return {
    name: 'c',
    type,
    dns_refresh_rate: '5s',
    load_assignment: { cluster_name: 'c', endpoints: [{ lb_endpoints: [endpoint(name)] }] },
  };
}

describe('a STRICT_DNS cluster', () => {
  it('has a host for each address of a name, and looks again', () => {
    let addresses: string[] | undefined = ['10.0.1.1', '10.0.1.2'];
    const bench = new Bench({ lookup: (name) => (name === 'b.test' ? addresses : undefined) });
    bench.start(3);
    bench.clusters.setClusters([named('STRICT_DNS', 'b.test')]);
    expect(new Set([bench.call('c').host, bench.call('c').host])).toEqual(
      new Set(['10.0.1.1:80', '10.0.1.2:80']),
    );
    addresses = ['10.0.1.3'];
    bench.run(5000);
    expect(bench.call('c').host).toBe('10.0.1.3:80');
    addresses = undefined;
    bench.run(5000);
    expect(bench.call('c').host).toBe('10.0.1.3:80');
    expect(bench.stat('cluster.c.update_failure')).toBe(1);
    bench.clusters.setClusters([]);
    bench.run(10_000);
    expect(bench.simulation.pending).toBe(0);
  });
});

describe('a LOGICAL_DNS cluster', () => {
  it('has one host, at the first address', () => {
    const bench = new Bench({ lookup: () => ['10.0.1.2', '10.0.1.1'] });
    bench.start(2);
    bench.clusters.setClusters([named('LOGICAL_DNS', 'b.test')]);
    expect([bench.call('c').host, bench.call('c').host]).toEqual(['10.0.1.2:80', '10.0.1.2:80']);
  });
});

describe('an aggregate cluster', () => {
  it('uses the first member that is healthy, through its own pools', () => {
    const bench = new Bench();
    bench.start(2);
    const sick = { ...endpoint('10.0.1.1'), health_status: 'UNHEALTHY' };
    bench.clusters.setClusters([
      {
        name: 'primary',
        load_assignment: { endpoints: [{ lb_endpoints: [sick] }] },
        common_lb_config: { healthy_panic_threshold: { value: 0 } },
      },
      {
        name: 'secondary',
        load_assignment: { endpoints: [{ lb_endpoints: [endpoint('10.0.1.2')] }] },
      },
      {
        name: 'both',
        lb_policy: 'CLUSTER_PROVIDED',
        cluster_type: {
          name: 'envoy.clusters.aggregate',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig',
            clusters: ['primary', 'secondary', 'missing'],
          },
        },
      },
    ]);
    expect(bench.call('both').host).toBe('10.0.1.2:80');
    expect(bench.stat('cluster.secondary.upstream_rq_total')).toBe(1);
    bench.clusters.setClusters([]);
    expect(bench.send('both').pending).toBeUndefined();
  });
});

describe('a subset', () => {
  const labelled = (ip: string, v: string) => ({
    ...endpoint(ip),
    metadata: { filter_metadata: { 'envoy.lb': { v } } },
  });
  const cluster = (fallback_policy: string) => ({
    name: 'c',
    load_assignment: {
      endpoints: [{ lb_endpoints: [labelled('10.0.1.1', '1'), labelled('10.0.1.2', '2')] }],
    },
    lb_subset_config: { fallback_policy, subset_selectors: [{ keys: ['v'] }] },
  });

  it('gets the requests whose route asks for its metadata', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([cluster('NO_FALLBACK')]);
    for (let i = 0; i < 3; i++)
      expect(bench.call('c', { metadataMatch: { v: '2' } }).host).toBe('10.0.1.2:80');
    // Two subsets, counted by the main thread and by the worker.
    expect(bench.stat('cluster.c.lb_subsets_active')).toBe(4);
    expect(bench.send('c', { metadataMatch: { v: '3' } }).pending).toBe('no-healthy-upstream');
    expect(bench.send('c').pending).toBe('no-healthy-upstream');
  });

  it('is passed over where the policy allows any endpoint', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([cluster('ANY_ENDPOINT')]);
    expect(bench.call('c', { metadataMatch: { v: '3' } }).status).toBe(200);
    expect(bench.stat('cluster.c.lb_subsets_fallback')).toBe(1);
  });
});

describe('locality weights', () => {
  it('divide the traffic, less what a locality lost in health', () => {
    const bench = new Bench();
    bench.start(4);
    const locality = (zone: string, weight: number, hosts: object[]) => ({
      locality: { region: 'r', zone },
      load_balancing_weight: weight,
      lb_endpoints: hosts,
    });
    const sick = { ...endpoint('10.0.1.4'), health_status: 'UNHEALTHY' };
    bench.clusters.setClusters([
      {
        name: 'c',
        common_lb_config: { locality_weighted_lb_config: {} },
        load_assignment: {
          endpoints: [
            locality('a', 1, [endpoint('10.0.1.1'), endpoint('10.0.1.2')]),
            locality('b', 1, [endpoint('10.0.1.3'), sick]),
          ],
        },
      },
    ]);
    let toA = 0;
    for (let i = 0; i < 170; i++) if (/\.[12]:/.test(bench.call('c').host)) toA += 1;
    // b has 1 of 2 hosts: 1 × min(1, 0.5 × 1.4) = 0.7 against 1, so a gets 1 / 1.7 of 170.
    expect(toA).toBe(100);
  });
});

describe('priorities', () => {
  it('take over as the first loses health', () => {
    const bench = new Bench();
    bench.start(4);
    const sick = { ...endpoint('10.0.1.2'), health_status: 'UNHEALTHY' };
    bench.clusters.setClusters([
      {
        name: 'c',
        load_assignment: {
          endpoints: [
            { priority: 0, lb_endpoints: [endpoint('10.0.1.1'), sick] },
            { priority: 1, lb_endpoints: [endpoint('10.0.1.3'), endpoint('10.0.1.4')] },
          ],
        },
      },
    ]);
    let first = 0;
    for (let i = 0; i < 1000; i++) if (bench.call('c').host === '10.0.1.1:80') first += 1;
    // 1 of 2 hosts healthy: 50 % × 1.4 = 70 %.
    expect(first / 1000).toBeCloseTo(0.7, 1);
  });
});
