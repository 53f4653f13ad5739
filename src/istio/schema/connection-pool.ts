/**
 * Structural schema of connection limits and timers.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
import { duration } from './duration.ts';
import { boolean, int32, object, oneOf, string, uint32 } from './schema-node.ts';

export const connectionPool = object({
  http: object({
    h2UpgradePolicy: oneOf('DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'),
    http1MaxPendingRequests: int32,
    http2MaxRequests: int32,
    idleTimeout: duration,
    maxConcurrentStreams: int32,
    maxRequestsPerConnection: int32,
    maxRetries: int32,
    useClientProtocol: boolean,
  }),
  tcp: object({
    connectTimeout: duration,
    idleTimeout: string,
    maxConnectionDuration: duration,
    maxConnections: int32,
    tcpKeepalive: object({ interval: duration, probes: uint32, time: duration }),
  }),
});
