import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StatsStore } from '../../../src/proxy/stats.ts';
import { prometheusText } from '../../../src/proxy/stats/prometheus.ts';
import { extractTags } from '../../../src/proxy/stats/tag-extraction.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { sharedFolder } from '../../support/shared-data.ts';

interface Case {
  stat: string;
  extracted: string;
  tags: { name: string; value: string }[];
}

const file = sharedFolder('conformance/envoy/stats/tag_extraction.json');
const cases = file ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: Case[] }).cases : [];

function sorted(tags: readonly { name: string; value: string }[]) {
  return tags.map(({ name, value }) => `${name}=${value}`).sort();
}

describe.skipIf(!file)("Envoy's own tag extractions", () => {
  it.each(cases)('$stat', ({ stat, extracted, tags }) => {
    const found = extractTags(stat);
    expect(found.name).toBe(extracted);
    expect(sorted(found.tags)).toEqual(sorted(tags));
  });
});

describe('the text for Prometheus', () => {
  it('knows a cluster of Istio whose name has dots', () => {
    expect(
      extractTags('cluster.outbound|80||b.default.svc.cluster.local;.upstream_rq_200'),
    ).toEqual({
      name: 'cluster.upstream_rq',
      tags: [
        { name: 'envoy.response_code', value: '200' },
        { name: 'envoy.cluster_name', value: 'outbound|80||b.default.svc.cluster.local' },
      ],
    });
  });

  it('groups statistics of one name, with their tags as labels', () => {
    const clock = { now: 0 };
    const store = new StatsStore(clock);
    store.counter('cluster.a.upstream_rq_total').inc();
    store.counter('cluster.b.upstream_rq_total').inc(2);
    store.gauge('server.live').set(1);
    store.histogram('cluster.a.upstream_rq_time').record(3);
    clock.now = 5 * SECOND;
    const text = prometheusText(store);
    expect(text).toContain(
      '# TYPE envoy_cluster_upstream_rq_total counter\n' +
        'envoy_cluster_upstream_rq_total{envoy_cluster_name="a"} 1\n' +
        'envoy_cluster_upstream_rq_total{envoy_cluster_name="b"} 2\n' +
        '# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n',
    );
    expect(text).toContain(
      'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="1"} 0\n',
    );
    expect(text).toContain(
      'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="5"} 1\n',
    );
    expect(text).toContain('envoy_cluster_upstream_rq_time_sum{envoy_cluster_name="a"} 3.05\n');
  });
});
