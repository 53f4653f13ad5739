/**
 * Models which metrics a chain counts and how they are changed.
 *
 * Spec: istio pilot/pkg/model/telemetry.go, mergeMetrics, generateStatsConfig.
 */
import type { MetricsOverride } from '../../istio/kinds/telemetry.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type {
  MetricOverride,
  StatsPluginConfig,
} from '../../xds/resources/filters/istio-filters.ts';
import { compare } from '../config.ts';
import { xdsDuration } from '../duration.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import {
  applicableTelemetry,
  matchesMode,
  modeOf,
  providerNamed,
  providerNames,
} from './applicable.ts';

/** As Prometheus names them, without "istio_". */
const METRIC_NAMES: Readonly<Record<string, string>> = {
  GRPC_REQUEST_MESSAGES: 'request_messages_total',
  GRPC_RESPONSE_MESSAGES: 'response_messages_total',
  REQUEST_COUNT: 'requests_total',
  REQUEST_DURATION: 'request_duration_milliseconds',
  REQUEST_SIZE: 'request_bytes',
  RESPONSE_SIZE: 'response_bytes',
  TCP_CLOSED_CONNECTIONS: 'tcp_connections_closed_total',
  TCP_OPENED_CONNECTIONS: 'tcp_connections_opened_total',
  TCP_RECEIVED_BYTES: 'tcp_received_bytes_total',
  TCP_SENT_BYTES: 'tcp_sent_bytes_total',
};

/** The `istio.stats` filter, for HTTP and TCP chains alike; none where no provider wants metrics. */
export function statsFilters(proxy: Proxy, listenerClass: ListenerClass): Filter[] {
  const cache = proxy.push.cache<string, Filter[]>(`stats of ${proxy.node.id}`);
  let filters = cache.get(listenerClass);
  if (!filters) cache.set(listenerClass, (filters = build(proxy, listenerClass)));
  return filters;
}

function build(proxy: Proxy, listenerClass: ListenerClass): Filter[] {
  return [...wantedProviders(proxy)].sort().flatMap((name) => {
    if (!providerNamed(proxy, name)?.prometheus) return [];
    const config = pluginConfig(proxy, listenerClass, name);
    return config
      ? [{ name: 'istio.stats', typed_config: packAny('stats.PluginConfig', config) }]
      : [];
  });
}

/** The last document that names providers decides; the mesh's default without any. */
function wantedProviders(proxy: Proxy): ReadonlySet<string> {
  let wanted = proxy.push.mesh.defaultProviders?.metrics ?? [];
  for (const { providers } of applicableTelemetry(proxy).metrics)
    if (providers?.length) wanted = providerNames(providers);
  return new Set(wanted);
}

/** Undefined where all metrics are switched off. */
function pluginConfig(
  proxy: Proxy,
  listenerClass: ListenerClass,
  provider: string,
): StatsPluginConfig | undefined {
  const overrides = new Map<string, MetricChange>();
  let isOff = false;
  let interval: string | undefined;
  let inherited: readonly string[] = proxy.push.mesh.defaultProviders?.metrics ?? [];
  for (const metrics of applicableTelemetry(proxy).metrics) {
    if (metrics.providers?.length) inherited = providerNames(metrics.providers);
    if (!inherited.includes(provider)) continue;
    interval = metrics.reportingInterval ?? interval;
    for (const override of metrics.overrides ?? []) {
      if (!matchesMode(override.match, modeOf(listenerClass))) continue;
      if (isAllMetrics(override) && override.disabled) isOff = true;
      else {
        isOff = false;
        for (const metric of metricsOf(override)) change(overrides, metric, override);
      }
    }
  }
  if (isOff) return undefined;
  const metrics = [...overrides]
    .sort(([a], [b]) => compare(a, b))
    .map(([metric, it]) => writeChange(metric, it));
  return {
    ...(listenerClass !== 'outbound' && { disable_host_header_fallback: true }),
    ...(interval !== undefined && { tcp_reporting_duration: xdsDuration(interval) }),
    ...(metrics.length > 0 && { metrics }),
  };
}

interface MetricChange {
  disabled: boolean;
  readonly tags: Map<string, { operation?: string; value?: string }>;
}

function change(
  overrides: Map<string, MetricChange>,
  metric: string,
  { disabled, tagOverrides = {} }: MetricsOverride,
): void {
  const found = overrides.get(metric) ?? { disabled: false, tags: new Map() };
  if (disabled !== undefined) found.disabled = disabled;
  for (const [tag, it] of Object.entries(tagOverrides)) found.tags.set(tag, it);
  overrides.set(metric, found);
}

function writeChange(metric: string, { disabled, tags }: MetricChange): MetricOverride {
  const sorted = [...tags].sort(([a], [b]) => compare(a, b));
  const removed = sorted.filter(([, { operation }]) => operation === 'REMOVE');
  const kept = sorted.filter(([, { operation }]) => operation !== 'REMOVE');
  return {
    name: METRIC_NAMES[metric] ?? metric,
    ...(disabled && { drop: true }),
    ...(kept.length > 0 && {
      dimensions: Object.fromEntries(kept.map(([tag, { value = '' }]) => [tag, value])),
    }),
    ...(removed.length > 0 && { tags_to_remove: removed.map(([tag]) => tag) }),
  };
}

function isAllMetrics({ match }: MetricsOverride): boolean {
  if (match?.customMetric) return false;
  return !match?.metric || match.metric === 'ALL_METRICS';
}

function metricsOf(override: MetricsOverride): readonly string[] {
  if (isAllMetrics(override)) return Object.keys(METRIC_NAMES);
  const { customMetric, metric } = override.match ?? {};
  return [customMetric ?? metric ?? ''];
}
