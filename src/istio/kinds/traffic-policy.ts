/**
 * What a DestinationRule asks of the client side of connections to a host.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
 */
import type { PortSelector } from './destination.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { LoadBalancer } from './load-balancer.ts';

export interface PortTrafficPolicy {
  readonly port?: PortSelector;
  readonly loadBalancer?: LoadBalancer;
  readonly connectionPool?: ConnectionPool;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTls;
}

export interface TrafficPolicy extends Omit<PortTrafficPolicy, 'port'> {
  readonly portLevelSettings?: readonly PortTrafficPolicy[];
  readonly tunnel?: Tunnel;
  readonly proxyProtocol?: { readonly version?: 'V1' | 'V2' };
  readonly retryBudget?: RetryBudget;
}

export interface OutlierDetection {
  /** Deprecated: consecutive5xxErrors and consecutiveGatewayErrors took its place. */
  readonly consecutiveErrors?: number;
  readonly splitExternalLocalOriginErrors?: boolean;
  readonly consecutiveLocalOriginFailures?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly consecutive5xxErrors?: number;
  readonly interval?: string;
  readonly baseEjectionTime?: string;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
}

export type ClientTlsMode = 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';

export interface ClientTls {
  readonly mode?: ClientTlsMode;
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly credentialName?: string;
  readonly subjectAltNames?: readonly string[];
  readonly sni?: string;
  readonly insecureSkipVerify?: boolean;
}

export interface Tunnel {
  readonly protocol?: string;
  readonly targetHost: string;
  readonly targetPort: number;
}

/** Retries in flight as a share of the requests in flight. */
export interface RetryBudget {
  readonly percent?: number;
  readonly minRetryConcurrency?: number;
}
