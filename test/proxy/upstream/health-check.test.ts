import { describe, expect, it } from 'vitest';
import { assignment, Bench } from './bench.ts';

const CHECK = {
  timeout: '0.3s',
  interval: '1s',
  no_traffic_interval: '1s',
  unhealthy_threshold: 2,
  healthy_threshold: 2,
  http_health_check: {
    path: '/hc',
    expected_statuses: [],
    retriable_statuses: [{ start: 500, end: 600 }],
  },
};

function clusterWith(hosts: number, check: object, more: object = {}) {
  return {
    name: 'c',
    load_assignment: assignment('c', hosts),
    health_checks: [{ ...CHECK, ...check }],
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    ...more,
  };
}

function healthOf(bench: Bench, host = 1) {
  return bench.clusters.cluster('c')!.membership.hostAt(`10.0.1.${host}:80`)!.healthText;
}

describe('an HTTP health check', () => {
  it('lets no traffic to a host before its first check, and one good answer is enough', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    bench.clusters.setClusters([clusterWith(1, {})]);
    expect(healthOf(bench)).toBe('/failed_active_hc/pending_active_hc');
    expect(bench.send('c').pending).toBe('no-healthy-upstream');
    bench.run(10);
    expect(healthOf(bench)).toBe('healthy');
    expect(backend!.requests[0]!.headers.get(':path')).toBe('/hc');
    expect(backend!.requests[0]!.headers.get(':authority')).toBe('c');
    expect(backend!.requests[0]!.headers.get('user-agent')).toBe('Envoy/HC');
  });

  it('needs unhealthy_threshold failures to go down and healthy_threshold to come back', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    let status = 200;
    backend!.answer = () => ({ status });
    bench.clusters.setClusters([clusterWith(1, {})]);
    bench.run(500);
    status = 503;
    bench.run(1000);
    expect(healthOf(bench)).toBe('healthy');
    bench.run(1000);
    expect(healthOf(bench)).toBe('/failed_active_hc');
    status = 200;
    bench.run(1000);
    expect(healthOf(bench)).toBe('/failed_active_hc');
    bench.run(1000);
    expect(healthOf(bench)).toBe('healthy');
    expect(backend!.connections).toBe(1);
  });

  it('takes an unexpected status that is not retriable at its word', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = (_, n) => ({ status: n === 1 ? 200 : 404 });
    bench.clusters.setClusters([clusterWith(1, {})]);
    bench.run(1500);
    expect(healthOf(bench)).toBe('/failed_active_hc');
    expect(bench.stat('cluster.c.health_check.failure')).toBe(1);
  });

  it('marks a time-out', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 500 });
    bench.clusters.setClusters([clusterWith(1, {})]);
    bench.run(310);
    expect(healthOf(bench)).toBe('/failed_active_hc/active_hc_timeout');
    expect(bench.stat('cluster.c.health_check.network_failure')).toBe(1);
  });

  it('makes a host degraded that says so', () => {
    const bench = new Bench();
    const [backend] = bench.start(2);
    backend!.answer = () => ({ status: 200, headers: [['x-envoy-degraded', '']] });
    bench.clusters.setClusters([clusterWith(2, {})]);
    bench.run(50);
    expect(healthOf(bench)).toBe('/degraded_active_hc');
    expect(bench.stat('cluster.c.membership_degraded')).toBe(1);
  });

  it('keeps a healthy host that leaves the assignment until it fails', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    const eds = { type: 'EDS', eds_cluster_config: { eds_config: { ads: {} } } };
    bench.clusters.setClusters([clusterWith(1, {}, eds)]);
    bench.clusters.setEndpoints([assignment('c', 1)]);
    bench.run(50);
    bench.clusters.setEndpoints([assignment('c', 0)]);
    expect(healthOf(bench)).toBe('/pending_dynamic_removal');
    expect(bench.call('c').status).toBe(200);
    backend!.answer = () => ({ status: 404 });
    bench.run(1000);
    expect(bench.stat('cluster.c.membership_total')).toBe(0);
  });

  it('stops when the cluster goes', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([clusterWith(1, {})]);
    bench.run(50);
    bench.clusters.setClusters([]);
    bench.run(100);
    expect(bench.simulation.pending).toBe(0);
  });
});

describe('a TCP health check', () => {
  it('is content with a connection', () => {
    const bench = new Bench();
    bench.start(1);
    bench.network.attach({ name: 'b2.test', ips: ['10.0.1.2'] });
    bench.clusters.setClusters([
      clusterWith(2, { http_health_check: undefined, tcp_health_check: {} }),
    ]);
    bench.run(50);
    expect([healthOf(bench, 1), healthOf(bench, 2)]).toEqual(['healthy', '/failed_active_hc']);
  });
});
