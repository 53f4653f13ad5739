/** What a proxy wrote down of one stream or connection, in the fields of a probe's answer. */
import type { Micros } from '../../sim/time.ts';
import type { StreamInfo } from '../../proxy/stream-info.ts';

export interface ProxyLog {
  readonly pod: string;
  readonly kind: 'http' | 'tcp' | 'connection';
  readonly isOutbound: boolean;
  readonly timeUs: Micros;
  readonly startUs: Micros;
  /** 0: it belongs to no request (TCP, refused connections). */
  readonly requestId: number;
  /** Of an HTTP request as it came in. */
  readonly path: string;
  readonly status: number;
  readonly flags: readonly string[];
  readonly details: string;
  readonly cluster: string;
  /** "POD.NS:PORT" or "IP:PORT"; "" when there was none. */
  readonly upstream: string;
  readonly route: string;
  readonly attempts: number;
  readonly upstreamFailure: string;
  readonly termination: string;
  readonly peer: string;
  readonly sni: string;
  readonly downstreamFailure: string;
}

/** The fields an answer has of a log: empty ones are left out. */
export type LogFields = Record<string, string | number | readonly string[]>;

/** Copies what is needed: the proxy reuses its info. `named` turns "IP:PORT" into "POD.NS:PORT". */
export function logOf(
  kind: ProxyLog['kind'],
  info: StreamInfo,
  now: Micros,
  named: (address: string) => string,
): ProxyLog {
  return {
    pod: info.node,
    kind,
    isOutbound: info.direction === 'outbound',
    timeUs: now,
    startUs: info.startTime,
    requestId: info.requestId,
    path: info.requestHeaders?.get(':path') ?? '',
    status: info.status,
    flags: [...info.flags],
    details: withoutSpaces(info.details),
    cluster: info.cluster,
    upstream: info.upstreamHost ? named(info.upstreamHost.address) : '',
    route: info.routeName,
    attempts: info.attempts,
    upstreamFailure: withoutSpaces(info.upstreamTransportFailure),
    termination: withoutSpaces(info.terminationDetails),
    peer: info.tls?.peerUriSans.join(',') ?? '',
    sni: info.requestedServerName,
    downstreamFailure: withoutSpaces(info.downstreamTransportFailure),
  };
}

/** What the caller's sidecar says. */
export function clientFields(log: ProxyLog): LogFields {
  const fields = commonFields(log);
  if (log.kind === 'http' && log.attempts > 0) fields['attempts'] = log.attempts;
  return fields;
}

/** What any other proxy says. */
export function proxyFields(log: ProxyLog): LogFields {
  const fields: LogFields = { pod: log.pod, ...commonFields(log) };
  if (log.kind === 'http' && log.attempts > 1) fields['attempts'] = log.attempts;
  if (log.peer !== '') fields['peer'] = log.peer;
  if (log.sni !== '') fields['sni'] = log.sni;
  if (log.kind !== 'http') fields['kind'] = log.kind;
  return fields;
}

function commonFields(log: ProxyLog): LogFields {
  const fields: LogFields = {};
  if (log.status > 0) fields['status'] = log.status;
  if (log.flags.length > 0) fields['flags'] = log.flags;
  const texts: Readonly<Record<string, string>> = {
    details: log.details,
    cluster: log.cluster,
    upstream: log.upstream,
    route: log.route,
    upstream_failure: log.upstreamFailure,
    termination: log.termination,
    downstream_failure: log.downstreamFailure,
  };
  for (const [name, text] of Object.entries(texts)) if (text !== '') fields[name] = text;
  return fields;
}

/** Envoy writes details as one word in access logs. */
function withoutSpaces(text: string): string {
  return text.replaceAll(' ', '_');
}
