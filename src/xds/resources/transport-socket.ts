/**
 * Models transport sockets: TLS contexts and the PROXY protocol.
 *
 * Spec: envoy config/core/v3/base.proto (TransportSocket), extensions/transport_sockets/tls/v3/tls.proto.
 */
import type { Duration } from '../duration.ts';
import type { Any } from './any.ts';
import type { Struct } from './metadata.ts';
import type { CertificateValidationContext, SdsSecretConfig, TlsCertificate } from './secret.ts';

export interface TransportSocket {
  name: string;
  typed_config?: Any;
}

/** The first entry whose `match` the endpoint's envoy.transport_socket_match metadata has wins. */
export interface TransportSocketMatch {
  name: string;
  match?: Struct;
  transport_socket?: TransportSocket;
}

export type TlsProtocol = 'TLS_AUTO' | 'TLSv1_0' | 'TLSv1_1' | 'TLSv1_2' | 'TLSv1_3';

export interface TlsParameters {
  tls_minimum_protocol_version?: TlsProtocol;
  tls_maximum_protocol_version?: TlsProtocol;
  cipher_suites?: string[];
  ecdh_curves?: string[];
  signature_algorithms?: string[];
}

export interface CombinedValidationContext {
  default_validation_context?: CertificateValidationContext;
  validation_context_sds_secret_config?: SdsSecretConfig;
}

export interface CommonTlsContext {
  tls_params?: TlsParameters;
  tls_certificates?: TlsCertificate[];
  tls_certificate_sds_secret_configs?: SdsSecretConfig[];
  validation_context?: CertificateValidationContext;
  validation_context_sds_secret_config?: SdsSecretConfig;
  combined_validation_context?: CombinedValidationContext;
  alpn_protocols?: string[];
}

/** "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext" */
export interface DownstreamTlsContext {
  common_tls_context?: CommonTlsContext;
  require_client_certificate?: boolean;
  require_sni?: boolean;
  session_timeout?: Duration;
  disable_stateless_session_resumption?: boolean;
}

/** "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext" */
export interface UpstreamTlsContext {
  common_tls_context?: CommonTlsContext;
  sni?: string;
  auto_host_sni?: boolean;
  auto_sni_san_validation?: boolean;
  allow_renegotiation?: boolean;
  max_session_keys?: number;
}

/** "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport" */
export interface ProxyProtocolUpstreamTransport {
  config?: { version?: 'V1' | 'V2' };
  transport_socket: TransportSocket;
}
