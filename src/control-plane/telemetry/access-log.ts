/**
 * Models access logs: Telemetry's providers, else the mesh config's file.
 *
 * Spec: istio pilot/pkg/networking/core/accesslog.go, pilot/pkg/model/telemetry{,_logging}.go.
 */
import type { AccessLogging } from '../../istio/kinds/telemetry.ts';
import type { AccessLog, AccessLogFilter } from '../../xds/resources/access-log.ts';
import { packAny } from '../../xds/resources/any.ts';
import { compare } from '../config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import {
  applicableTelemetry,
  matchesMode,
  modeOf,
  providerNamed,
  providerNames,
} from './applicable.ts';
import { meshFileLog, providerLog } from './access-log-provider.ts';

/** A listener logs only connections for which it has no chain. */
const NO_ROUTE: AccessLogFilter = { response_flag_filter: { flags: ['NR'] } };

export type LogPlace = 'http' | 'tcp' | 'listener';

export function accessLogs(
  proxy: Proxy,
  listenerClass: ListenerClass,
  place: LogPlace,
): AccessLog[] {
  const { mesh } = proxy.push;
  if (place === 'listener' && mesh.disableEnvoyListenerLog) return [];
  const cache = proxy.push.cache<string, AccessLog[]>(`access logs of ${proxy.node.id}`);
  const key = `${listenerClass} ${place}`;
  let logs = cache.get(key);
  if (!logs) cache.set(key, (logs = build(proxy, listenerClass, place)));
  return logs;
}

function build(proxy: Proxy, listenerClass: ListenerClass, place: LogPlace): AccessLog[] {
  const wanted = mergedLogging(proxy, modeOf(listenerClass));
  const filters = place === 'listener' ? [NO_ROUTE] : [];
  const made = [...wanted]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([name, entry]) => {
      const provider = providerNamed(proxy, name);
      const log = provider && providerLog(proxy.push, provider);
      return log ? [{ log, entry }] : [];
    });
  if (made.length === 0) {
    const file = meshFileLog(proxy.push.mesh);
    return file ? [withFilters(file, filters)] : [];
  }
  return made
    .filter(({ entry }) => !entry.disabled)
    .map(({ log, entry }) => withFilters(log, [...filters, ...celFilter(entry.filter)]));
}

function withFilters(log: AccessLog, filters: AccessLogFilter[]): AccessLog {
  if (filters.length === 0) return log;
  return { ...log, filter: filters.length === 1 ? filters[0]! : { and_filter: { filters } } };
}

function celFilter(filter: AccessLogging['filter']): AccessLogFilter[] {
  if (!filter) return [];
  return [
    {
      extension_filter: {
        name: 'envoy.access_loggers.extension_filters.cel',
        typed_config: packAny('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', {
          ...(filter.expression && { expression: filter.expression }),
        }),
      },
    },
  ];
}

interface LogEntry {
  readonly disabled: boolean;
  readonly filter: AccessLogging['filter'];
}

/** provider → whether it logs, and what; the documents nearest to the workload have the last word. */
function mergedLogging(proxy: Proxy, mode: 'CLIENT' | 'SERVER'): Map<string, LogEntry> {
  const defaults = proxy.push.mesh.defaultProviders?.accessLogging ?? [];
  const documents = applicableTelemetry(proxy).accessLogging;
  const merged = new Map<string, LogEntry>();
  if (documents.length === 0) {
    for (const name of defaults) merged.set(name, { disabled: false, filter: undefined });
    return merged;
  }
  let inScope: readonly string[] = defaults;
  const filters = new Map<string, AccessLogging['filter']>();
  for (const document of documents) {
    const matching = document.filter(({ match }) => matchesMode(match, mode));
    for (const { providers, filter } of matching)
      for (const name of providerNames(providers)) filters.set(name, filter);
    const named = matching.flatMap(({ providers }) => providerNames(providers));
    if (named.length > 0) inScope = named;
  }
  let inherited: readonly string[] = defaults;
  for (const entry of documents.flat()) {
    if (entry.providers?.length) inherited = providerNames(entry.providers);
    for (const name of inherited) {
      if (!inScope.includes(name) || !matchesMode(entry.match, mode)) continue;
      const disabled = entry.disabled === true;
      merged.set(name, { disabled, filter: disabled ? undefined : filters.get(name) });
    }
  }
  return merged;
}
