/**
 * Models a call and its fate in Istio's traffic simulation.
 *
 * Spec: istio pilot/pkg/simulation/traffic.go.
 */
export interface Call {
  readonly Address?: string;
  readonly Port?: number;
  readonly Path?: string;
  readonly Protocol?: 'http' | 'http2' | 'tcp';
  readonly Alpn?: string;
  readonly Sni?: string;
  readonly TLS?: 'plaintext' | 'tls' | 'mtls' | '';
  readonly HostHeader?: string;
  readonly Headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly CallMode?: 'outbound' | 'inbound' | 'gateway';
  /** The certificate that a server asks mutual TLS with; default: the workload's own. */
  readonly MtlsSecretConfigName?: string;
}

export type CallError =
  | 'ErrNoListener'
  | 'ErrNoFilterChain'
  | 'ErrMultipleFilterChain'
  | 'ErrNoRoute'
  | 'ErrNoVirtualHost'
  | 'ErrTLSRedirect'
  | 'ErrProtocolError'
  | 'ErrTLSError'
  | 'ErrMTLSError';

export interface CallResult {
  error?: CallError;
  listenerMatched: string;
  filterChainMatched: string;
  routeConfigMatched: string;
  virtualHostMatched: string;
  routeMatched: string;
  clusterMatched: string;
}

/** A call with what follows from its protocol and TLS filled in. */
export interface FilledCall {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly protocol: 'http' | 'http2' | 'tcp' | '';
  readonly tls: 'plaintext' | 'tls' | 'mtls';
  readonly alpn: string;
  readonly sni: string;
  readonly host: string;
  readonly isInbound: boolean;
  readonly certificate: string;
}

const MTLS_ALPN: Readonly<Record<string, string>> = {
  http: 'istio-http/1.1',
  http2: 'istio-h2',
};
const TLS_ALPN: Readonly<Record<string, string>> = { http: 'http/1.1', http2: 'h2' };
const PLAIN_ALPN: Readonly<Record<string, string>> = { http: 'http/1.1', http2: 'h2c' };

export function fillDefaults(call: Call): FilledCall {
  const tls = call.TLS || 'plaintext';
  const protocol = call.Protocol ?? '';
  const given = call.Headers?.['Host'];
  const host = call.HostHeader || (typeof given === 'string' ? given : (given?.[0] ?? ''));
  const implied =
    tls === 'mtls'
      ? (MTLS_ALPN[protocol] ?? 'istio')
      : tls === 'tls'
        ? (TLS_ALPN[protocol] ?? '')
        : '';
  return {
    address: call.Address || '1.3.3.7',
    port: call.Port ?? 0,
    path: call.Path || '/',
    protocol,
    tls,
    alpn: call.Alpn || implied,
    sni: call.Sni || (tls === 'tls' ? (call.HostHeader ?? '') : ''),
    host,
    isInbound: call.CallMode === 'inbound',
    certificate: call.MtlsSecretConfigName || 'default',
  };
}

/** What the HTTP inspector makes of a plaintext connection. */
export function sniffedProtocol(call: FilledCall): string {
  return PLAIN_ALPN[call.protocol] ?? '';
}
