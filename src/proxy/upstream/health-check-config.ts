/**
 * Models what a HealthCheck message asks for, with Envoy's defaults.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto
 * Simplified: gRPC, Redis and Thrift checks are left out; so are checks of the service name.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import {
  durationUs,
  flag,
  message,
  messageOrEmpty,
  messages,
  number,
  text,
  type Json,
} from './proto-json.ts';

/** From `start` up to, not including, `end`. */
export interface StatusRange {
  readonly start: number;
  readonly end: number;
}

export interface HttpProbe {
  readonly kind: 'http';
  readonly isHttp2: boolean;
  readonly method: string;
  readonly path: string;
  /** "" for the cluster's name. */
  readonly host: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly expected: readonly StatusRange[];
  readonly retriable: readonly StatusRange[];
}

export interface TcpProbe {
  readonly kind: 'tcp';
  /** Bytes to send; "" only connects. */
  readonly send: string;
  /** What must come, in order, anywhere in the answer. */
  readonly receive: readonly string[];
}

export interface HealthCheckConfig {
  readonly probe: HttpProbe | TcpProbe;
  readonly timeoutUs: Micros;
  readonly intervalUs: Micros;
  readonly unhealthyIntervalUs: Micros;
  readonly unhealthyEdgeIntervalUs: Micros;
  readonly healthyEdgeIntervalUs: Micros;
  readonly noTrafficIntervalUs: Micros;
  readonly noTrafficHealthyIntervalUs: Micros;
  readonly initialJitterUs: Micros;
  readonly intervalJitterUs: Micros;
  readonly intervalJitterPercent: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly reusesConnection: boolean;
}

/** Undefined when the kind of check is one that is left out. */
export function healthCheckConfig(json: Json): HealthCheckConfig | undefined {
  const probe = probeOf(json);
  if (!probe) return undefined;
  const intervalUs = durationUs(json['interval'], SECOND);
  const noTrafficIntervalUs = durationUs(json['no_traffic_interval'], 60 * SECOND);
  const unhealthyIntervalUs = durationUs(json['unhealthy_interval'], intervalUs);
  return {
    probe,
    timeoutUs: durationUs(json['timeout'], SECOND),
    intervalUs,
    unhealthyIntervalUs,
    unhealthyEdgeIntervalUs: durationUs(json['unhealthy_edge_interval'], unhealthyIntervalUs),
    healthyEdgeIntervalUs: durationUs(json['healthy_edge_interval'], intervalUs),
    noTrafficIntervalUs,
    noTrafficHealthyIntervalUs: durationUs(
      json['no_traffic_healthy_interval'],
      noTrafficIntervalUs,
    ),
    initialJitterUs: durationUs(json['initial_jitter'], 0),
    intervalJitterUs: durationUs(json['interval_jitter'], 0),
    intervalJitterPercent: number(json['interval_jitter_percent'], 0),
    unhealthyThreshold: number(json['unhealthy_threshold'], 1),
    healthyThreshold: number(json['healthy_threshold'], 1),
    reusesConnection: flag(json['reuse_connection'], true),
  };
}

/** What is wrong with a check, in Envoy's words. */
export function healthCheckError(json: Json): string | undefined {
  for (const field of ['timeout', 'interval', 'unhealthy_threshold', 'healthy_threshold'])
    if (json[field] === undefined) return `Field '${field}' is missing in: ${JSON.stringify(json)}`;
  return undefined;
}

function probeOf(json: Json): HttpProbe | TcpProbe | undefined {
  const http = message(json['http_health_check']);
  if (http) return httpProbe(http);
  const tcp = message(json['tcp_health_check']);
  if (!tcp) return undefined;
  return {
    kind: 'tcp',
    send: payload(messageOrEmpty(tcp['send'])),
    receive: messages(tcp['receive']).map(payload),
  };
}

function httpProbe(http: Json): HttpProbe {
  const expected = messages(http['expected_statuses']).map(rangeOf);
  return {
    kind: 'http',
    isHttp2: text(http['codec_client_type']) === 'HTTP2',
    method: text(http['method'], 'GET').replace('METHOD_UNSPECIFIED', 'GET'),
    path: text(http['path']),
    host: text(http['host']),
    headers: messages(http['request_headers_to_add']).map((entry) => {
      const header = messageOrEmpty(entry['header']);
      return [text(header['key']).toLowerCase(), text(header['value'])] as const;
    }),
    expected: expected.length > 0 ? expected : [{ start: 200, end: 201 }],
    retriable: messages(http['retriable_statuses']).map(rangeOf),
  };
}

function rangeOf(json: Json): StatusRange {
  return { start: number(json['start'], 0), end: number(json['end'], 0) };
}

export function isWithin(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ start, end }) => status >= start && status < end);
}

/** Payloads are hexadecimal text. */
function payload(json: Json): string {
  const pairs = text(json['text']).match(/[0-9a-fA-F]{2}/g) ?? [];
  return pairs.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('');
}
