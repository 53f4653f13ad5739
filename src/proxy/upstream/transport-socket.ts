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
  /** The words for an alert that arrives after the handshake. */
  alertText(message: WireMessage): string;
}

export interface ClientTransport {
  start(end: ConnectionEnd, listener: HandshakeListener): ClientHandshake;
}

/** Chooses the transport socket of a host, by its metadata. */
export interface TransportSockets {
  /** Undefined: plain text. */
  forHost(
    host: { readonly metadata: Readonly<Record<string, unknown>>; readonly hostname: string },
    options: { readonly alpn: readonly string[] | undefined; readonly serverName: string },
  ): ClientTransport | undefined;
}
