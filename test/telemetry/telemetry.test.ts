import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeaderMap } from '../../src/proxy/http/header-map.ts';
import { RandomStream } from '../../src/sim/random.ts';
import { MS, SECOND } from '../../src/sim/time.ts';
import { AccessLogStore } from '../../src/telemetry/access-log-store.ts';
import { IstioMetrics } from '../../src/telemetry/metrics/istio-metrics.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/registry.ts';
import type { RequestReport } from '../../src/telemetry/metrics/request-report.ts';
import { LogHistogram } from '../../src/telemetry/rates/log-histogram.ts';
import { TrafficRates } from '../../src/telemetry/rates/traffic-rates.ts';
import { SpanStore, type Span, type SpanNode } from '../../src/telemetry/tracing/span-store.ts';
import { childContext, contextOf, inject } from '../../src/telemetry/tracing/trace-context.ts';

describe('a log histogram', () => {
  test('reads any value back within 3.2 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (value) => {
        const histogram = new LogHistogram();
        histogram.add(value);
        const [read = -1] = histogram.quantiles([0.5]);
        expect(Math.abs(read - value)).toBeLessThanOrEqual(value * 0.032);
      }),
    );
  });

  test('quantiles are ranks: of 1 to 100 ms the median is 50, the 99th percentile 99', () => {
    const histogram = new LogHistogram();
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms * MS);
    const [median = 0, p99 = 0] = histogram.quantiles([0.5, 0.99]);
    expect([Math.round(median / MS / 2) * 2, Math.round(p99 / MS / 3) * 3]).toEqual([50, 99]);
  });
});

describe('traffic rates', () => {
  const sample = (endUs: number, succeeded = true, flags = '-') => ({
    endUs,
    durationUs: 10 * MS,
    succeeded,
    flags,
  });

  test('a window of five seconds forgets the sixth', () => {
    const rates = new TrafficRates(5);
    for (let i = 0; i < 100; i++) rates.recordTotal(sample(i * 10 * MS));
    expect(rates.total(1 * SECOND).requestsPerSecond).toBe(100);
    expect(rates.total(5 * SECOND).requestsPerSecond).toBe(20);
    expect(rates.total(6 * SECOND).requestsPerSecond).toBe(0);
  });

  test('success is a share, flags are counts, edges are apart', () => {
    const rates = new TrafficRates();
    rates.recordEdge('a.x', 'b.x', true, sample(0));
    rates.recordEdge('a.x', 'b.x', true, sample(1, false, 'UO'));
    rates.recordEdge('a.x', 'c.x', false, sample(2));
    const [toB, toC] = rates.edges(SECOND);
    expect([toB!.success, toB!.byFlag, toC!.mtls]).toEqual([0.5, { '-': 1, UO: 1 }, false]);
    expect(rates.edges(60 * SECOND)).toEqual([]);
  });
});

describe('the registry', () => {
  test('writes what a scrape reads', () => {
    const registry = new MetricsRegistry();
    registry.counter('hits', 'Hits.', ['path']).with('/"a"').add(2);
    registry.histogram('ms', 'Times.', [], [1, 5]).with().observe(3);
    expect(registry.text().split('\n')).toEqual([
      '# HELP hits Hits.',
      '# TYPE hits counter',
      'hits{path="/\\"a\\""} 2',
      '# HELP ms Times.',
      '# TYPE ms histogram',
      'ms_bucket{le="1"} 0',
      'ms_bucket{le="5"} 1',
      'ms_bucket{le="+Inf"} 1',
      'ms_sum 3',
      'ms_count 1',
      '',
    ]);
  });

  test('keeps the last samples, one a second', () => {
    const registry = new MetricsRegistry(3);
    const hits = registry.counter('hits', 'Hits.', []).with();
    for (let second = 1; second <= 5; second++) {
      hits.add();
      registry.sample(second * SECOND);
    }
    expect(registry.select('hits')[0]!.samples).toEqual([
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
  });
});

describe("Istio's metrics", () => {
  const workload = (name: string) => ({
    workload: `${name}-v1`,
    namespace: 'default',
    app: name,
    version: 'v1',
    canonicalService: name,
    canonicalRevision: 'v1',
    cluster: 'Kubernetes',
    name: `${name}-v1-abc`,
  });
  const report: RequestReport = {
    reporter: 'source',
    source: workload('a'),
    destination: workload('b'),
    sourcePrincipal: '',
    destinationPrincipal: 'spiffe://cluster.local/ns/default/sa/b',
    service: { host: 'b.default.svc.cluster.local', name: 'b', namespace: 'default' },
    protocol: 'http',
    responseCode: 200,
    grpcStatus: '',
    responseFlags: '-',
    connectionSecurity: 'unknown',
    durationUs: 7 * MS,
    requestBytes: 0,
    responseBytes: 120,
  };

  test('the same labels are the same series, another status is another', () => {
    const registry = new MetricsRegistry();
    const metrics = new IstioMetrics(registry);
    metrics.record(report);
    metrics.record({ ...report });
    metrics.record({ ...report, responseCode: 503, responseFlags: 'UO', destination: undefined });
    registry.sample(SECOND);
    const series = registry.select('istio_requests_total');
    expect(series.map(({ samples }) => samples[0]![1])).toEqual([2, 1]);
    expect(series[1]!.labels).toMatchObject({
      destination_workload: 'unknown',
      response_flags: 'UO',
      source_canonical_service: 'a',
    });
  });

  test('a duration of 7 ms falls into the bucket of 10', () => {
    const registry = new MetricsRegistry();
    new IstioMetrics(registry).record(report);
    registry.sample(SECOND);
    const first = registry
      .select('istio_request_duration_milliseconds_bucket')
      .find(({ samples }) => samples[0]![1] === 1);
    expect(first!.labels['le']).toBe('10');
  });

  test('TCP counts bytes both ways', () => {
    const registry = new MetricsRegistry();
    new IstioMetrics(registry).record({ ...report, protocol: 'tcp', requestBytes: 5 });
    expect(registry.text()).toMatch(
      /istio_tcp_received_bytes_total\{.*request_protocol="tcp".*\} 5/,
    );
  });
});

describe('traces', () => {
  const random = new RandomStream(1, 'traces');

  test.each(['w3c', 'b3'] as const)('a context survives its headers (%s)', (format) => {
    const parent = childContext(undefined, random, true);
    const child = childContext(parent, random, false);
    const headers = new HeaderMap();
    inject(child, headers, format);
    expect(contextOf(headers)).toMatchObject({
      traceId: parent.traceId,
      spanId: child.spanId,
      sampled: true,
    });
  });

  const span = (spanId: string, parentSpanId: string, startUs: number, traceId = 't'): Span => ({
    traceId,
    spanId,
    parentSpanId,
    name: spanId,
    kind: 'client',
    service: 's',
    pod: 'p',
    startUs,
    endUs: startUs + 1,
    status: 200,
    flags: '-',
    requestId: 9,
  });

  test('spans become a tree in order of time', () => {
    const store = new SpanStore();
    store.add(span('c', 'a', 2));
    store.add(span('b', 'a', 1));
    store.add(span('a', '', 0));
    const { roots } = store.trace('t')!;
    expect(roots.map((root) => root.children.map((child) => child.span.spanId))).toEqual([
      ['b', 'c'],
    ]);
  });

  test('a span without a parent finds the shortest one around it', () => {
    const store = new SpanStore();
    const found = (
      spanId: string,
      kind: Span['kind'],
      pod: string,
      startUs: number,
      endUs: number,
    ) => store.add({ ...span(spanId, '', startUs), parentSpanId: undefined, kind, pod, endUs });
    found('page', 'server', 'p', 0, 100);
    found('to-details', 'client', 'p', 10, 20);
    found('details', 'server', 'd', 11, 19);
    found('to-reviews', 'client', 'p', 30, 90);
    found('reviews', 'server', 'r', 31, 89);
    const shape = (nodes: readonly SpanNode[]): unknown =>
      nodes.map(({ span: { spanId }, children }) => [spanId, shape(children)]);
    expect(shape(store.trace('t')!.roots)).toEqual([
      [
        'page',
        [
          ['to-details', [['details', []]]],
          ['to-reviews', [['reviews', []]]],
        ],
      ],
    ]);
  });

  test('an application that drops the headers leaves two traces of one request', () => {
    const store = new SpanStore();
    store.add(span('a', '', 0, 'one'));
    store.add(span('b', '', 1, 'two'));
    expect(store.tracesOf(9)).toHaveLength(2);
  });
});

test('an access log keeps the newest thousand lines of a pod', () => {
  const store = new AccessLogStore();
  for (let i = 0; i < 1200; i++) store.add('p', { timeUs: i, line: String(i), requestId: i });
  expect(store.lines('p')).toHaveLength(1000);
  expect(store.lines('p', 2).map(({ line }) => line)).toEqual(['1198', '1199']);
});
