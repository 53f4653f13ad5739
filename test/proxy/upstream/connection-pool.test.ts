import { describe, expect, it } from 'vitest';
import { assignment, Bench } from './bench.ts';

const CLUSTER = {
  name: 'c',
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: assignment('c', 1),
};
const HTTP2 = {
  ...CLUSTER,
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 2 } },
    },
  },
};

function limited(limits: Record<string, unknown>) {
  return { ...CLUSTER, circuit_breakers: { thresholds: [limits] } };
}

describe('an HTTP/1 pool', () => {
  it('reuses a connection that has become free', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    bench.clusters.setClusters([CLUSTER]);
    expect(bench.call('c').status).toBe(200);
    expect(bench.call('c').status).toBe(200);
    expect(backend!.connections).toBe(1);
    expect(bench.stat('cluster.c.upstream_cx_total')).toBe(1);
    expect(bench.stat('cluster.c.upstream_rq_total')).toBe(2);
    expect(bench.stat('cluster.c.upstream_rq_active')).toBe(0);
  });

  it('opens a connection for each request that runs at the same time', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 10 });
    bench.clusters.setClusters([CLUSTER]);
    const attempts = [bench.send('c'), bench.send('c'), bench.send('c')];
    bench.run(100);
    expect(attempts.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(backend!.connections).toBe(3);
  });

  it('lets requests wait in order when there may be no further connection', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 10 });
    bench.clusters.setClusters([limited({ max_connections: 1 })]);
    const attempts = [bench.send('c'), bench.send('c'), bench.send('c')];
    bench.run(15);
    expect(attempts.map(({ status }) => status)).toEqual([200, 0, 0]);
    bench.run(100);
    expect(attempts.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(backend!.connections).toBe(1);
    expect(bench.stat('cluster.c.upstream_cx_overflow')).toBeGreaterThan(0);
  });

  it('refuses what would wait beyond max_pending_requests', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([limited({ max_connections: 1, max_pending_requests: 1 })]);
    const attempts = [bench.send('c'), bench.send('c')];
    bench.run(100);
    expect(attempts[0]!.status).toBe(200);
    expect(attempts[1]!.failure).toBe('overflow');
    expect(bench.stat('cluster.c.upstream_rq_pending_overflow')).toBe(1);
  });

  it('says why a connection was refused', () => {
    const bench = new Bench();
    bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] });
    bench.clusters.setClusters([CLUSTER]);
    const attempt = bench.call('c');
    expect(attempt.failure).toBe('remote connection failure');
    expect(attempt.transportFailure).toBe('delayed connect error: Connection refused');
    expect(bench.stat('cluster.c.upstream_cx_connect_fail')).toBe(1);
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(0);
  });

  it('gives up a connection attempt after the connect timeout', () => {
    const bench = new Bench();
    bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] }).up = false;
    bench.clusters.setClusters([CLUSTER]);
    const attempt = bench.send('c');
    bench.run(999);
    expect(attempt.failure).toBe('');
    bench.run(1);
    expect(attempt.failure).toBe('connection timeout');
    expect(bench.stat('cluster.c.upstream_cx_connect_timeout')).toBe(1);
  });

  it('resets the request whose connection the peer closes', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 0, close: 'fin' });
    bench.clusters.setClusters([CLUSTER]);
    expect(bench.call('c').reset).toBe('connection termination');
    expect(bench.stat('cluster.c.upstream_cx_destroy_remote_with_active_rq')).toBe(1);
    expect(bench.stat('cluster.c.upstream_rq_active')).toBe(0);
  });

  it('closes the connection of a request that the router resets', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 50 });
    bench.clusters.setClusters([CLUSTER]);
    const attempt = bench.send('c');
    bench.run(10);
    attempt.stream!.reset();
    bench.run(100);
    expect(attempt.status).toBe(0);
    expect(attempt.reset).toBe('');
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(0);
    expect(bench.stat('cluster.c.upstream_rq_active')).toBe(0);
  });

  it('closes a connection after max_requests_per_connection', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    bench.clusters.setClusters([{ ...CLUSTER, max_requests_per_connection: 2 }]);
    for (let i = 0; i < 4; i++) expect(bench.call('c').status).toBe(200);
    expect(backend!.connections).toBe(2);
    expect(bench.stat('cluster.c.upstream_cx_max_requests')).toBe(2);
  });

  it('closes a connection that has been idle for the idle timeout', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([
      { ...CLUSTER, common_http_protocol_options: { idle_timeout: '2s' } },
    ]);
    bench.call('c');
    bench.run(1500);
    bench.call('c');
    bench.run(1500);
    expect(bench.stat('cluster.c.upstream_cx_idle_timeout')).toBe(0);
    bench.run(600);
    expect(bench.stat('cluster.c.upstream_cx_idle_timeout')).toBe(1);
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(0);
  });

  it('closes after an answer that says so', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, headers: [['connection', 'close']] });
    bench.clusters.setClusters([CLUSTER]);
    bench.call('c');
    bench.call('c');
    expect(backend!.connections).toBe(2);
  });
});

describe('an HTTP/2 pool', () => {
  it('carries many requests on one connection, up to max_concurrent_streams', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 10 });
    bench.clusters.setClusters([HTTP2]);
    const attempts = [bench.send('c'), bench.send('c'), bench.send('c')];
    bench.run(100);
    expect(attempts.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(backend!.connections).toBe(2);
    expect(bench.stat('cluster.c.upstream_cx_http2_total')).toBe(2);
  });

  it('resets one stream and keeps the others', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 10 });
    bench.clusters.setClusters([HTTP2]);
    const attempts = [bench.send('c'), bench.send('c')];
    bench.run(5);
    attempts[0]!.stream!.reset();
    bench.run(100);
    expect(attempts.map(({ status }) => status)).toEqual([0, 200]);
    expect(bench.stat('cluster.c.upstream_rq_tx_reset')).toBe(1);
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(1);
  });
});

describe('circuit breakers', () => {
  it('refuse requests beyond max_requests, and show it', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, delayMs: 10 });
    bench.clusters.setClusters([
      { ...HTTP2, circuit_breakers: { thresholds: [{ max_requests: 1, track_remaining: true }] } },
    ]);
    const attempts = [bench.send('c'), bench.send('c')];
    bench.run(5);
    expect(bench.stat('cluster.c.circuit_breakers.default.rq_open')).toBe(1);
    expect(bench.stat('cluster.c.circuit_breakers.default.remaining_rq')).toBe(0);
    bench.run(100);
    expect(attempts.map(({ failure }) => failure)).toEqual(['', 'overflow']);
    expect(bench.stat('cluster.c.circuit_breakers.default.rq_open')).toBe(0);
  });

  it('leave every pool one connection', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([
      { ...limited({ max_connections: 1 }), load_assignment: assignment('c', 2) },
    ]);
    bench.call('c');
    bench.call('c');
    expect(bench.backends.map(({ connections }) => connections)).toEqual([1, 1]);
  });

  it('keep retries within a budget', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([
      limited({ retry_budget: { budget_percent: { value: 50 }, min_retry_concurrency: 1 } }),
    ]);
    const cluster = bench.clusters.cluster('c')!;
    expect(cluster.tryAcquireRetry('default')).toBe(true);
    expect(cluster.tryAcquireRetry('default')).toBe(false);
    for (let i = 0; i < 4; i++) bench.send('c');
    // 50 % of 4 requests that wait: 2.
    expect(cluster.tryAcquireRetry('default')).toBe(true);
    expect(cluster.tryAcquireRetry('default')).toBe(false);
    cluster.releaseRetry('default');
    cluster.releaseRetry('default');
  });
});
