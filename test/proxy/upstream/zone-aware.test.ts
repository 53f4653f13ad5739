import { describe, expect, it } from 'vitest';
import { Bench, endpoint } from './bench.ts';

function inZone(zone: string, ips: string[]) {
  return { locality: { region: 'r', zone }, lb_endpoints: ips.map((ip) => endpoint(ip)) };
}

/** A proxy in zone a; `ours` counts the hosts of its own cluster by zone. */
function benchWith(ours: { a: number; b: number }, theirs: object[]) {
  const bench = new Bench({
    localClusterName: 'ours',
    locality: { region: 'r', zone: 'a', subZone: '' },
  });
  bench.start(6);
  const own = (zone: string, count: number) =>
    inZone(
      zone,
      Array.from({ length: count }, (_, i) => `10.9.${zone === 'a' ? 1 : 2}.${i}`),
    );
  bench.clusters.addStaticClusters([
    { name: 'ours', load_assignment: { endpoints: [own('a', ours.a), own('b', ours.b)] } },
    { name: 'c', load_assignment: { endpoints: theirs } },
  ]);
  return bench;
}

describe('zone aware routing', () => {
  const even = [
    inZone('a', ['10.0.1.1', '10.0.1.2', '10.0.1.3']),
    inZone('b', ['10.0.1.4', '10.0.1.5', '10.0.1.6']),
  ];

  it('keeps all traffic in the zone when the zones are balanced', () => {
    const bench = benchWith({ a: 2, b: 2 }, even);
    for (let i = 0; i < 20; i++) expect(bench.call('c').host).toMatch(/10\.0\.1\.[123]:/);
    expect(bench.stat('cluster.c.lb_zone_routing_all_directly')).toBe(20);
  });

  it('sends what the zone cannot take to others', () => {
    // 3 of 4 callers but only half of the hosts are in zone a: 0.5 / 0.75 = two thirds stay.
    const bench = benchWith({ a: 3, b: 1 }, even);
    let local = 0;
    for (let i = 0; i < 600; i++) if (/10\.0\.1\.[123]:/.test(bench.call('c').host)) local += 1;
    expect(local / 600).toBeCloseTo(2 / 3, 1);
    expect(bench.stat('cluster.c.lb_zone_routing_cross_zone')).toBe(600 - local);
  });

  it('stays out of the way of small clusters', () => {
    const bench = benchWith({ a: 1, b: 1 }, [inZone('a', ['10.0.1.1']), inZone('b', ['10.0.1.2'])]);
    const hosts = new Set(Array.from({ length: 8 }, () => bench.call('c').host));
    expect(hosts.size).toBe(2);
    expect(bench.stat('cluster.c.lb_zone_cluster_too_small')).toBe(1);
  });
});
