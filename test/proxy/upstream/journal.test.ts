import { describe, expect, it } from 'vitest';
import type { JournalStep } from '../../../src/proxy/journal.ts';
import { clustersText } from '../../../src/proxy/upstream/cluster-snapshot.ts';
import { assignment, Bench } from './bench.ts';

function codesOf(bench: Bench, more: object = {}) {
  const steps: JournalStep[] = [];
  const attempt = bench.send('c', {}, { journal: { note: (step) => steps.push(step) } });
  bench.run(100);
  return { attempt, steps, codes: steps.map(({ code }) => code), ...more };
}

describe('the journal of a request', () => {
  it('says which host was chosen among whom, and how it was reached', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 1) }]);
    const first = codesOf(bench);
    expect(first.codes).toEqual(['host-chosen', 'connection-opened']);
    expect(first.steps[0]).toMatchObject({
      node: 'client.test',
      resource: { type: 'cluster', name: 'c' },
      details: {
        host: '10.0.1.1:80',
        policy: 'ROUND_ROBIN',
        candidates: ['10.0.1.1:80'],
        health: ['healthy'],
      },
    });
    expect(codesOf(bench).codes).toEqual(['host-chosen', 'connection-reused']);
  });

  it('says why nobody was reached', () => {
    const bench = new Bench();
    bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] });
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 1) }]);
    const { codes, steps } = codesOf(bench);
    expect(codes).toEqual(['host-chosen', 'connection-opened', 'connection-failed']);
    expect(steps[2]!.details).toMatchObject({ reason: 'remote connection failure' });
    bench.clusters.setClusters([{ name: 'c' }]);
    expect(codesOf(bench).codes).toEqual(['no-healthy-upstream']);
  });

  it('says which limit was hit', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([
      {
        name: 'c',
        load_assignment: assignment('c', 1),
        circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] },
      },
    ]);
    const { codes, steps } = codesOf(bench);
    expect(codes).toEqual(['host-chosen', 'overflow']);
    expect(steps[1]!.details).toMatchObject({ limit: 'pending_requests', max: 0 });
  });
});

describe('a host chosen beforehand', () => {
  const ADDRESS = '10.0.1.2:80';

  it('gets the request, unless it is unhealthy or gone', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 2) }]);
    for (let i = 0; i < 3; i++)
      expect(bench.call('c', { overrideHost: { address: ADDRESS, isStrict: false } }).host).toBe(
        ADDRESS,
      );
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 1) }]);
    const gone = { address: ADDRESS, isStrict: false };
    expect(bench.call('c', { overrideHost: gone }).host).toBe('10.0.1.1:80');
    expect(bench.send('c', { overrideHost: { ...gone, isStrict: true } }).pending).toBe(
      'no-healthy-upstream',
    );
  });
});

describe('the snapshot of clusters', () => {
  it('has hosts with their counts, and prints them as Envoy does', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 1) }]);
    bench.call('c');
    const [cluster] = bench.clusters.snapshot();
    expect(cluster!.hosts[0]).toMatchObject({ health: 'healthy', cxActive: 1, rqTotal: 1 });
    const text = clustersText(bench.clusters.snapshot());
    expect(text).toContain('c::default_priority::max_connections::1024\n');
    expect(text).toContain('c::10.0.1.1:80::rq_total::1\n');
    expect(text).toContain('c::10.0.1.1:80::health_flags::healthy\n');
  });
});
