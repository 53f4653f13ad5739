/** Models what a proxy reports of a request or a connection that is over, for Istio's metrics. */
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { Micros } from '../../sim/time.ts';

/** The service that was asked for. */
export interface DestinationService {
  /** "reviews.default.svc.cluster.local"; for unknown hosts what the client said. */
  readonly host: string;
  /** "reviews", "PassthroughCluster", "unknown". */
  readonly name: string;
  readonly namespace: string;
}

export interface RequestReport {
  /** Whose proxy reports: the caller's or the server's. */
  readonly reporter: 'source' | 'destination';
  /** Undefined: the peer said nothing of itself (no sidecar, or not reached). */
  readonly source: PeerMetadata | undefined;
  readonly destination: PeerMetadata | undefined;
  /** SPIFFE ids; "" without mTLS. */
  readonly sourcePrincipal: string;
  readonly destinationPrincipal: string;
  readonly service: DestinationService;
  readonly protocol: 'http' | 'grpc' | 'tcp';
  /** 0: none was sent. */
  readonly responseCode: number;
  /** "" when it is no gRPC. */
  readonly grpcStatus: string;
  /** "-" without any. */
  readonly responseFlags: string;
  /** Known to the server's proxy alone. */
  readonly connectionSecurity: 'mutual_tls' | 'none' | 'unknown';
  readonly durationUs: Micros;
  readonly requestBytes: number;
  readonly responseBytes: number;
}
