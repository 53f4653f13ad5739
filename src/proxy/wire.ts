/**
 * Models what flows over a connection above TCP: TLS handshake messages, HTTP streams, plain bytes.
 *
 * A message is whole: an HTTP/1.1 request with a small body is one message, not packets. Headers
 * carry HTTP/2 pseudo-headers (":method", ":path", ":authority", ":scheme", ":status") in both
 * versions, as inside Envoy. An HTTP/1 connection carries one stream at a time.
 *
 * Spec: RFC 9110, RFC 9112, RFC 9113, RFC 8446. Simplified: bytes on the wire are counted, not made.
 */
import type { WireMessage } from '../sim/network/connection.ts';
import type { HeaderMap } from './http/header-map.ts';

export type HttpVersion = 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2';

export interface HttpRequestMessage extends WireMessage {
  readonly type: 'request';
  readonly version: HttpVersion;
  /** Names the stream on this connection; counts up from 1. */
  readonly stream: number;
  readonly headers: HeaderMap;
  /** The body, as far as it comes with the headers. */
  readonly body: string;
  /** False when data or trailers follow. */
  readonly endStream: boolean;
  /**
   * Workload metadata of the sender, for istio.metadata_exchange.
   * Simplified: Istio carries it base64-encoded in x-envoy-peer-metadata.
   */
  readonly peerMetadata?: PeerMetadata | undefined;
  /** Which request of the run this is part of, for the trace and the page; 0 when nobody asks. */
  readonly requestId: number;
}

export interface HttpResponseMessage extends WireMessage {
  readonly type: 'response';
  readonly version: HttpVersion;
  readonly stream: number;
  readonly headers: HeaderMap;
  readonly body: string;
  readonly endStream: boolean;
  readonly peerMetadata?: PeerMetadata | undefined;
  /** That of the request it answers. */
  readonly requestId: number;
}

export interface HttpDataMessage extends WireMessage {
  readonly type: 'data';
  readonly stream: number;
  readonly body: string;
  readonly endStream: boolean;
}

export interface HttpTrailersMessage extends WireMessage {
  readonly type: 'trailers';
  readonly stream: number;
  readonly trailers: HeaderMap;
}

/** RST_STREAM (HTTP/2 only; HTTP/1 closes the connection instead). */
export interface HttpResetMessage extends WireMessage {
  readonly type: 'stream-reset';
  readonly stream: number;
  readonly reason: 'cancel' | 'refused-stream' | 'internal-error' | 'protocol-error';
}

export interface HttpGoawayMessage extends WireMessage {
  readonly type: 'goaway';
  readonly lastStream: number;
}

/** Bytes of a protocol that nobody parses (TCP proxying, raw requests of tests). */
export interface BytesMessage extends WireMessage {
  readonly type: 'bytes';
  readonly bytes: string;
}

export interface TlsClientHelloMessage extends WireMessage {
  readonly type: 'tls-client-hello';
  readonly sni: string;
  readonly alpn: readonly string[];
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  /** A session to resume, as a server gave it out; opaque to clients. */
  readonly session?: object | undefined;
}

export interface TlsServerHelloMessage extends WireMessage {
  readonly type: 'tls-server-hello';
  readonly version: TlsVersion;
  /** The chosen protocol; "" when none was agreed. */
  readonly alpn: string;
  /** PEM, leaf first. */
  readonly certificateChain: string;
  readonly requestsClientCertificate: boolean;
  readonly isResumed?: boolean;
  /** For a later handshake. Simplified: a message of its own in TLS 1.3. */
  readonly session?: object | undefined;
}

/** The client's part of the handshake; only then may application messages flow. */
export interface TlsClientFinishedMessage extends WireMessage {
  readonly type: 'tls-client-finished';
  /** PEM, leaf first; "" when the client shows none. */
  readonly certificateChain: string;
}

/** TLS 1.2 only: the server has accepted the client; only then may the client go on. */
export interface TlsServerFinishedMessage extends WireMessage {
  readonly type: 'tls-server-finished';
}

/** A fatal alert; the sender closes after it. */
export interface TlsAlertMessage extends WireMessage {
  readonly type: 'tls-alert';
  /** As RFC 8446 names it: "unknown_ca", "handshake_failure", "certificate_required" … */
  readonly alert: string;
}

export type TlsVersion = 'TLSv1.0' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export type Wire =
  | HttpRequestMessage
  | HttpResponseMessage
  | HttpDataMessage
  | HttpTrailersMessage
  | HttpResetMessage
  | HttpGoawayMessage
  | BytesMessage
  | TlsClientHelloMessage
  | TlsServerHelloMessage
  | TlsClientFinishedMessage
  | TlsServerFinishedMessage
  | TlsAlertMessage;

/** What Istio's proxies tell each other of their workloads, for the labels of metrics. */
export interface PeerMetadata {
  readonly workload: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly cluster: string;
  /** Pod name. */
  readonly name: string;
}
