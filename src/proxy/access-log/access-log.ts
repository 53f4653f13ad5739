/**
 * Models access logs: which streams are logged, and the line of each.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage.
 * Simplified: gRPC and OpenTelemetry sinks get the line that a file would get.
 */
import { dataSourceText } from '../config/data-source.ts';
import type { Message } from '../config/message.ts';
import { compileFormat, compileJsonFormat } from '../format/format.ts';
import type { ProxyObserver } from '../observer.ts';
import type { StreamInfo } from '../stream-info.ts';
import { compileLogFilter, type LogFilter } from './log-filter.ts';

export interface AccessLog {
  /** The file's path, or the name of the log service. */
  readonly path: string;
  readonly filter: LogFilter | undefined;
  line(info: StreamInfo): string;
}

const ENVOY_DEFAULT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

/** Istio's format since 1.9, when the mesh config names a file and no format. */
export const ISTIO_DEFAULT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

/** The `access_log` list of a connection manager, TCP proxy or listener. */
export function compileAccessLogs(message: Message): AccessLog[] {
  return message.messages('access_log').map(compileAccessLog);
}

/** Gives the observer a line for each log whose filter lets the stream pass. */
export function writeAccessLogs(
  logs: readonly AccessLog[],
  info: StreamInfo,
  observer: ProxyObserver,
): void {
  if (!observer.onAccessLog) return;
  for (const log of logs)
    if (!log.filter || log.filter(info)) observer.onAccessLog(log.path, log.line(info), info);
}

function compileAccessLog(log: Message): AccessLog {
  const filter = log.message('filter');
  const typed = log.any('typed_config');
  const config = typed?.message;
  return {
    path: config?.text('path') || config?.message('common_config')?.text('log_name') || '',
    filter: filter && compileLogFilter(filter),
    line: config ? lineFormat(config) : compileFormat(ENVOY_DEFAULT, '-'),
  };
}

function lineFormat(config: Message): (info: StreamInfo) => string {
  const format = config.message('log_format');
  const json = format?.json['json_format'] ?? config.json['json_format'];
  if (json !== undefined) {
    const print = compileJsonFormat(json);
    return (info) => `${JSON.stringify(print(info))}\n`;
  }
  const body = config.message('body')?.text('string_value') ?? '';
  const text =
    format?.text('text_format') || dataSourceText(format?.message('text_format_source')) || body;
  return compileFormat(text || config.text('format') || ENVOY_DEFAULT, '-');
}
