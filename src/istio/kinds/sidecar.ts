/**
 * Sidecar: what a proxy beside a workload listens on and can reach.
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
import type { ConnectionPool } from './connection-pool.ts';
import type { Destination } from './destination.ts';
import type { IstioObject } from './istio-object.ts';
import type { SidecarPort } from './port.ts';
import type { NetworkingWorkloadSelector } from './selector.ts';
import type { ServerTls } from './server-tls.ts';

export type Sidecar = IstioObject<SidecarSpec>;

export interface SidecarSpec {
  readonly workloadSelector?: NetworkingWorkloadSelector;
  readonly ingress?: readonly IngressListener[];
  readonly egress?: readonly EgressListener[];
  readonly inboundConnectionPool?: ConnectionPool;
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
}

export type CaptureMode = 'DEFAULT' | 'IPTABLES' | 'NONE';

export interface IngressListener {
  readonly port: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: CaptureMode;
  readonly defaultEndpoint?: string;
  readonly tls?: ServerTls;
  readonly connectionPool?: ConnectionPool;
}

export interface EgressListener {
  readonly port?: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: CaptureMode;
  readonly hosts: readonly string[];
}

export interface OutboundTrafficPolicy {
  readonly mode?: 'REGISTRY_ONLY' | 'ALLOW_ANY';
  readonly egressProxy?: Destination;
}
