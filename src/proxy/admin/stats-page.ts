/**
 * Models GET /stats and GET /stats/prometheus: statistics by name, type and use, in three formats.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats
 * Simplified: no HTML (the text comes in its place), no text readouts; histograms as quantiles, or
 * as buckets for Prometheus, whatever histogram_buckets asks for.
 */
import { QUANTILES } from '../stats/histogram.ts';
import { prometheusText } from '../stats/prometheus.ts';
import { byName, isWanted, type StatKind, type StatsQuery, type StatsStore } from '../stats.ts';
import { jsonPage, textPage, type AdminPage, type AdminResponse } from './admin-page.ts';
import type { AdminQuery } from './query.ts';

const FORMATS = ['html', 'active-html', 'json', 'prometheus', 'text'];
const KINDS: Readonly<Record<string, readonly StatKind[]>> = {
  All: ['counter', 'gauge', 'histogram'],
  Counters: ['counter'],
  Gauges: ['gauge'],
  Histograms: ['histogram'],
  TextReadouts: [],
};

export const statsPage: AdminPage = ({ stats }, query) => {
  const format = query.text('format');
  if (format !== '' && !FORMATS.includes(format))
    return textPage(`usage: /stats?format=(${FORMATS.join('|')})\n\n`, 400);
  const kinds = KINDS[query.text('type') || 'All'];
  if (!kinds) return textPage('invalid &type= param', 400);
  const asked = { ...statsQuery(query), kinds };
  if (format === 'prometheus') return textPage(prometheusText(stats, asked));
  return format === 'json' ? statsJson(stats, asked) : textPage(stats.text(asked));
};

export const prometheusPage: AdminPage = ({ stats }, query) =>
  textPage(prometheusText(stats, statsQuery(query)));

function statsQuery(query: AdminQuery): StatsQuery {
  const matches = query.search('filter');
  const isInverted = query.has('invert_filter');
  return {
    filter: { test: (name) => matches(name) !== isInverted },
    usedOnly: query.has('usedonly'),
  };
}

function statsJson(store: StatsStore, query: StatsQuery): AdminResponse {
  const numbers = [...store.counters(), ...store.gauges()]
    .filter((stat) => isWanted(stat, query))
    .sort(byName)
    .map(({ name, value }) => ({ name, value }));
  const computed = [...store.histograms()]
    .filter((histogram) => isWanted(histogram, query))
    .sort(byName)
    .map((histogram) => {
      histogram.flush();
      const interval = histogram.interval.quantiles(QUANTILES);
      const cumulative = histogram.cumulative.quantiles(QUANTILES);
      const values = QUANTILES.map((_, i) => ({
        cumulative: orNull(cumulative[i]!),
        interval: orNull(interval[i]!),
      }));
      return { name: histogram.name, values };
    });
  const quantiles = {
    supported_quantiles: QUANTILES.map((quantile) => quantile * 100),
    computed_quantiles: computed,
  };
  const histograms = computed.length === 0 ? [] : [{ histograms: quantiles }];
  const { status, contentType } = jsonPage({});
  return { status, contentType, body: JSON.stringify({ stats: [...numbers, ...histograms] }) };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
