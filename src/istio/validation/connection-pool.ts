/**
 * Limits and timers of connections.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  ConnectionPool,
  HttpConnectionPool,
  TcpConnectionPool,
} from '../kinds/connection-pool.ts';
import { durationNanoseconds } from '../kinds/duration.ts';
import type { Findings } from './findings.ts';
import { durationProblem } from './scalar.ts';

const NANOSECONDS_PER_MS = 1e6;

/** Field → how istiod calls it. */
const HTTP_COUNTS = [
  ['http1MaxPendingRequests', 'http1 max pending requests'],
  ['http2MaxRequests', 'http2 max requests'],
  ['maxRequestsPerConnection', 'max requests per connection'],
  ['maxRetries', 'max retries'],
  ['maxConcurrentStreams', 'max concurrent streams'],
] as const;

export function validateConnectionPool(
  pool: ConnectionPool | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!pool) return;
  if (!pool.http && !pool.tcp) findings.error(path, 'connection pool must have at least one field');
  if (pool.http) validateHttpPool(pool.http, [...path, 'http'], findings);
  if (pool.tcp) validateTcpPool(pool.tcp, [...path, 'tcp'], findings);
}

function validateHttpPool(http: HttpConnectionPool, path: ValuePath, findings: Findings): void {
  for (const [field, words] of HTTP_COUNTS) {
    if ((http[field] ?? 0) < 0) findings.error([...path, field], `${words} must be non-negative`);
  }
  findings.check([...path, 'idleTimeout'], durationProblem(http.idleTimeout));
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol)
    findings.error(
      [...path, 'useClientProtocol'],
      'use client protocol must not be true when H2UpgradePolicy is UPGRADE',
    );
}

function validateTcpPool(tcp: TcpConnectionPool, path: ValuePath, findings: Findings): void {
  if ((tcp.maxConnections ?? 0) < 0)
    findings.error([...path, 'maxConnections'], 'max connections must be non-negative');
  for (const field of ['connectTimeout', 'maxConnectionDuration'] as const)
    findings.check([...path, field], durationProblem(tcp[field]));
  // below a millisecond means: no idle timeout at all
  if (
    tcp.idleTimeout &&
    Math.abs(durationNanoseconds(tcp.idleTimeout) ?? NANOSECONDS_PER_MS) >= NANOSECONDS_PER_MS
  )
    findings.check([...path, 'idleTimeout'], durationProblem(tcp.idleTimeout));
  for (const field of ['time', 'interval'] as const)
    findings.check([...path, 'tcpKeepalive', field], durationProblem(tcp.tcpKeepalive?.[field]));
}
