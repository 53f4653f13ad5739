/** Access logs of our own in every place where an Envoy can write one, in place of the others. */

type Json = Readonly<Record<string, unknown>>;

const FILE_LOG = 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog';
const MANAGER = 'http_connection_manager.v3.HttpConnectionManager';
const TCP_PROXY = 'tcp_proxy.v3.TcpProxy';

/** Names of the logs: what the observer hears as their path. */
export const LOG_NAMES = ['http', 'tcp', 'connection'] as const;
export type LogName = (typeof LOG_NAMES)[number];

export function isLogName(path: string): path is LogName {
  return (LOG_NAMES as readonly string[]).includes(path);
}

/** A copy of a listener whose only access logs are ours. */
export function withOwnLogs(listener: object): object {
  const given = listener as Json & {
    readonly filter_chains?: readonly Json[];
    readonly default_filter_chain?: Json;
  };
  return {
    ...given,
    access_log: ownLog('connection'),
    ...(given.filter_chains && { filter_chains: given.filter_chains.map(chainWithOwnLogs) }),
    ...(given.default_filter_chain && {
      default_filter_chain: chainWithOwnLogs(given.default_filter_chain),
    }),
  };
}

function chainWithOwnLogs(chain: Json): Json {
  const filters = (chain['filters'] ?? []) as readonly Json[];
  return { ...chain, filters: filters.map(filterWithOwnLog) };
}

function filterWithOwnLog(filter: Json): Json {
  const config = filter['typed_config'] as Json | undefined;
  const type = String(config?.['@type'] ?? '');
  const name = type.endsWith(MANAGER) ? 'http' : type.endsWith(TCP_PROXY) ? 'tcp' : undefined;
  if (!name) return filter;
  return { ...filter, typed_config: { ...config, access_log: ownLog(name) } };
}

function ownLog(path: LogName): readonly Json[] {
  const typed = { '@type': FILE_LOG, path, log_format: { text_format: '%RESPONSE_CODE%\n' } };
  return [{ name: 'envoy.access_loggers.file', typed_config: typed }];
}
