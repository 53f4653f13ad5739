/**
 * Models what stands between TCP and the application on an upstream connection: nothing (plain
 * text) or a TLS handshake.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-transportsocket
 */
import type { ConnectionEnd, WireMessage } from '../../sim/network/connection.ts';

/** Who waits for a handshake. */
export interface HandshakeListener {
  onReady(): void;
  /** Words for UPSTREAM_TRANSPORT_FAILURE_REASON. */
  onTransportFailure(transportFailureReason: string): void;
}

export interface ClientHandshake {
  readonly isDone: boolean;
  /** The protocol agreed upon; "" for none. */
  readonly alpn: string;
  readonly serverName: string;
  /** SPIFFE id or subject of the server's certificate. */
  readonly peerIdentity: string;
  onMessage(message: WireMessage): void;
}

export interface ClientTransport {
  start(end: ConnectionEnd, listener: HandshakeListener): ClientHandshake;
}

/** What a transport depends on, of a host … */
export interface HostOfTransport {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** … and of a pool. */
export interface PoolTransport {
  readonly protocol: 'http1' | 'http2' | 'auto' | 'tcp';
  readonly alpn: readonly string[] | undefined;
  readonly serverName: string;
  readonly mustCarryServerName: boolean;
}
