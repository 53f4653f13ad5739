/**
 * Limits and timers of connections, for destinations and (in a Sidecar) for what arrives.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
import type { DurationString } from './duration.ts';

export interface ConnectionPool {
  readonly tcp?: TcpConnectionPool;
  readonly http?: HttpConnectionPool;
}

export interface TcpConnectionPool {
  readonly maxConnections?: number;
  readonly connectTimeout?: DurationString;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly maxConnectionDuration?: DurationString;
  readonly idleTimeout?: DurationString;
}

export interface TcpKeepalive {
  readonly probes?: number;
  readonly time?: DurationString;
  readonly interval?: DurationString;
}

export interface HttpConnectionPool {
  readonly http1MaxPendingRequests?: number;
  readonly http2MaxRequests?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxRetries?: number;
  readonly idleTimeout?: DurationString;
  readonly h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
  readonly useClientProtocol?: boolean;
  readonly maxConcurrentStreams?: number;
}
