import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EjectionNotice } from '../../../src/proxy/upstream/outlier-detection.ts';
import { successRateThreshold } from '../../../src/proxy/upstream/outlier-detection.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { sharedFolder } from '../../support/shared-data.ts';
import { assignment, Bench } from './bench.ts';

interface Timeline {
  name: string;
  hosts: number;
  config: Record<string, number | boolean>;
  events: (
    | { op: 'responses'; at_s: number; host: number; count: number; code: number }
    | { op: 'expect'; ejected: number[]; ejections_overflow?: number }
    | { op: 'interval'; at_s: number }
  )[];
}

const file = sharedFolder('conformance/envoy/outlier/outlier.json');
const vectors = file
  ? (JSON.parse(fs.readFileSync(file, 'utf8')) as {
      cases: Timeline[];
      success_rate_threshold: { rates: number[]; factor: number; mean: number; threshold: number };
    })
  : undefined;

function clusterWith(hosts: number, outlier_detection: Record<string, unknown>) {
  return { name: 'c', load_assignment: assignment('c', hosts), outlier_detection };
}

/** Ejections by their hosts' addresses, as the cluster tells them. */
function benchWith(hosts: number, outlier: Record<string, unknown>) {
  const ejected = new Set<string>();
  const notices: EjectionNotice[] = [];
  const bench = new Bench({
    onEjection: (notice) => {
      notices.push(notice);
      if (notice.untilUs === undefined) ejected.delete(notice.host);
      else ejected.add(notice.host);
    },
  });
  bench.clusters.setClusters([clusterWith(hosts, outlier)]);
  const cluster = bench.clusters.cluster('c')!;
  const report = (host: number, count: number, status: number) => {
    const known = cluster.membership.hostAt(`10.0.1.${host + 1}:80`)!;
    for (let i = 0; i < count; i++) cluster.reportAttempt(known, { kind: 'status', status });
  };
  const ejectedHosts = () => [...ejected].map((address) => Number(address.split(/[.:]/)[3]) - 1);
  return { bench, cluster, report, ejectedHosts, notices };
}

describe.skipIf(!vectors)("Envoy's own timelines of ejection", () => {
  it.each(vectors?.cases ?? [])('$name', ({ hosts, config, events }) => {
    const outlier: Record<string, unknown> = { consecutive_5xx: 5 };
    for (const [key, value] of Object.entries(config))
      outlier[key.replace(/_s$/, '')] = key.endsWith('_s') ? `${Number(value)}s` : value;
    const { bench, report, ejectedHosts } = benchWith(hosts, outlier);
    for (const event of events) {
      if ('at_s' in event) bench.simulation.runUntil(event.at_s * SECOND);
      if (event.op === 'responses') report(event.host, event.count, event.code);
      if (event.op !== 'expect') continue;
      expect(ejectedHosts()).toEqual(event.ejected);
      if (event.ejections_overflow !== undefined)
        expect(bench.stat('cluster.c.outlier_detection.ejections_overflow')).toBe(
          event.ejections_overflow,
        );
    }
  });

  it('has the same success rate threshold', () => {
    const { rates, factor, mean, threshold } = vectors!.success_rate_threshold;
    expect(successRateThreshold(rates, factor)).toEqual({ mean, threshold });
  });
});

describe('outlier detection', () => {
  const half = { max_ejection_percent: 50, base_ejection_time: '30s', interval: '10s' };

  it('counts only failures in a row', () => {
    const { report, ejectedHosts } = benchWith(2, half);
    report(0, 4, 500);
    report(0, 1, 200);
    report(0, 4, 500);
    expect(ejectedHosts()).toEqual([]);
    report(0, 1, 500);
    expect(ejectedHosts()).toEqual([0]);
  });

  it('says when a host comes back: at the first interval after its time', () => {
    const { bench, report, notices } = benchWith(2, half);
    bench.run(3000);
    report(0, 5, 503);
    // 3 s + 30 s = 33 s, and the interval ends at 40 s.
    expect(notices[0]).toMatchObject({ kind: 'consecutive_5xx', untilUs: 40 * SECOND });
    bench.run(36_999);
    expect(notices).toHaveLength(1);
    bench.run(1);
    expect(notices[1]).toMatchObject({ host: '10.0.1.1:80', untilUs: undefined });
  });

  it('takes an ejected host out of the turn, and a second one only a second later', () => {
    const { bench, report } = benchWith(4, half);
    bench.start(4);
    bench.run(5000);
    const hostsOf = (count: number) =>
      new Set(Array.from({ length: count }, () => bench.send('c').pending && bench.call('c').host));
    report(0, 5, 500);
    report(1, 5, 500);
    const seen = hostsOf(6);
    expect(seen.has('10.0.1.1:80')).toBe(false);
    expect(seen.has('10.0.1.2:80')).toBe(true);
    bench.run(1000);
    expect(hostsOf(6).has('10.0.1.2:80')).toBe(false);
  });

  it('enforces gateway failures only when told to', () => {
    const gateway = { ...half, consecutive_5xx: 100, consecutive_gateway_failure: 3 };
    const lax = benchWith(2, gateway);
    lax.report(0, 3, 503);
    expect(lax.ejectedHosts()).toEqual([]);
    expect(
      lax.bench.stat('cluster.c.outlier_detection.ejections_detected_consecutive_gateway_failure'),
    ).toBe(1);
    const strict = benchWith(2, { ...gateway, enforcing_consecutive_gateway_failure: 100 });
    strict.report(0, 2, 503);
    strict.report(0, 1, 500);
    strict.report(0, 2, 503);
    expect(strict.ejectedHosts()).toEqual([]);
    strict.report(0, 1, 503);
    expect(strict.ejectedHosts()).toEqual([0]);
  });

  it('counts local errors apart when they are split', () => {
    const { cluster, ejectedHosts } = benchWith(2, {
      ...half,
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 2,
    });
    const host = cluster.membership.hostAt('10.0.1.1:80')!;
    cluster.reportAttempt(host, { kind: 'connect-failure' });
    host.monitor!.putConnected(false);
    cluster.reportAttempt(host, { kind: 'connect-failure' });
    expect(ejectedHosts()).toEqual([]);
    cluster.reportAttempt(host, { kind: 'timeout' });
    expect(ejectedHosts()).toEqual([0]);
  });

  it('ejects the host whose success rate is far below the others', () => {
    const { bench, report, ejectedHosts } = benchWith(5, {
      ...half,
      consecutive_5xx: 1000,
      success_rate_request_volume: 10,
    });
    for (let host = 0; host < 5; host++) report(host, host === 2 ? 5 : 10, 200);
    report(2, 5, 500);
    bench.run(10_000);
    expect(ejectedHosts()).toEqual([2]);
  });

  it('sleeps when nothing happens', () => {
    const { bench, report } = benchWith(2, half);
    report(0, 1, 200);
    bench.run(60_000);
    expect(bench.simulation.pending).toBe(0);
  });
});
