/**
 * Models GET /stats/prometheus: statistics in Prometheus' text format, with Envoy's tags as labels.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats-prometheus
 */
import { byName, isWanted, type Histogram, type StatsQuery, type StatsStore } from '../stats.ts';
import { PROMETHEUS_BUCKETS } from './histogram.ts';
import { extractTags } from './tag-extraction.ts';

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly lines: string[];
}

export function prometheusText(store: StatsStore, query: StatsQuery = {}): string {
  const families = new Map<string, Family>();
  const add = (name: string, type: Family['type'], lines: readonly string[]) => {
    const known = families.get(name);
    if (known) known.lines.push(...lines);
    else families.set(name, { type, lines: [...lines] });
  };
  for (const type of ['counter', 'gauge'] as const) {
    const stats = type === 'counter' ? store.counters() : store.gauges();
    for (const stat of [...stats].filter((one) => isWanted(one, query)).sort(byName)) {
      const { name, labels } = identityOf(stat.name);
      add(name, type, [`${name}{${labels}} ${stat.value}\n`]);
    }
  }
  for (const histogram of [...store.histograms()].sort(byName)) {
    if (!isWanted(histogram, query)) continue;
    const { name, labels } = identityOf(histogram.name);
    add(name, 'histogram', histogramLines(name, labels, histogram));
  }
  return [...families]
    .map(([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join('')}`)
    .join('');
}

function histogramLines(name: string, labels: string, histogram: Histogram): string[] {
  histogram.flush();
  const { cumulative } = histogram;
  const prefix = labels === '' ? '' : `${labels},`;
  return [
    ...PROMETHEUS_BUCKETS.map(
      (bound) => `${name}_bucket{${prefix}le="${bound}"} ${cumulative.countUpTo(bound)}\n`,
    ),
    `${name}_bucket{${prefix}le="+Inf"} ${cumulative.count}\n`,
    `${name}_sum{${labels}} ${cumulative.sum}\n`,
    `${name}_count{${labels}} ${cumulative.count}\n`,
  ];
}

/** "envoy_cluster_upstream_rq_total" and `envoy_cluster_name="a"`. */
function identityOf(statistic: string): { name: string; labels: string } {
  const { name, tags } = extractTags(statistic);
  return {
    name: `envoy_${clean(name)}`,
    labels: tags.map((tag) => `${clean(tag.name)}="${escape(tag.value)}"`).join(','),
  };
}

function clean(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_');
}

function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
