/**
 * Models which filter chains an inbound port gets for its mutual TLS mode and protocol.
 *
 * Spec: istio pilot/pkg/networking/core/filterchain_options.go.
 */
import type { MtlsMode } from '../push/peer-authentications.ts';
import type { ListenerProtocol } from '../registry/protocol-selection.ts';

export interface ChainVariant {
  readonly protocol: 'http' | 'tcp';
  readonly transport: 'tls' | 'raw_buffer';
  readonly alpn?: readonly string[];
  /** Terminates TLS; a TLS chain without it passes TLS through. */
  readonly terminates?: true;
}

const PLAINTEXT_HTTP = ['http/1.1', 'h2c'];
const MTLS_HTTP = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const MTLS_TCP = ['istio-peer-exchange', 'istio'];
const MTLS_ANY = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

const VARIANTS: Readonly<
  Record<MtlsMode, Readonly<Record<ListenerProtocol, readonly ChainVariant[]>>>
> = {
  STRICT: {
    http: [{ protocol: 'http', transport: 'tls', terminates: true }],
    tcp: [{ protocol: 'tcp', transport: 'tls', terminates: true }],
    auto: [
      { protocol: 'http', transport: 'tls', alpn: MTLS_HTTP, terminates: true },
      { protocol: 'tcp', transport: 'tls', terminates: true },
    ],
  },
  PERMISSIVE: {
    http: [
      { protocol: 'http', transport: 'tls', alpn: MTLS_ANY, terminates: true },
      { protocol: 'http', transport: 'raw_buffer' },
    ],
    tcp: [
      { protocol: 'tcp', transport: 'tls', alpn: MTLS_ANY, terminates: true },
      { protocol: 'tcp', transport: 'tls' },
      { protocol: 'tcp', transport: 'raw_buffer' },
    ],
    auto: [
      { protocol: 'http', transport: 'tls', alpn: MTLS_HTTP, terminates: true },
      { protocol: 'http', transport: 'raw_buffer', alpn: PLAINTEXT_HTTP },
      { protocol: 'tcp', transport: 'tls', alpn: MTLS_TCP, terminates: true },
      { protocol: 'tcp', transport: 'raw_buffer' },
      { protocol: 'tcp', transport: 'tls' },
    ],
  },
  DISABLE: {
    http: [{ protocol: 'http', transport: 'raw_buffer' }],
    tcp: [{ protocol: 'tcp', transport: 'raw_buffer' }],
    auto: [
      { protocol: 'http', transport: 'raw_buffer', alpn: PLAINTEXT_HTTP },
      { protocol: 'tcp', transport: 'raw_buffer' },
    ],
  },
};

export function chainVariants(mode: MtlsMode, protocol: ListenerProtocol): readonly ChainVariant[] {
  return VARIANTS[mode][protocol];
}

/** A Sidecar's ingress listener that terminates TLS of its own. */
export function terminatingVariant(protocol: ListenerProtocol): readonly ChainVariant[] {
  const kind = protocol === 'http' ? 'http' : 'tcp';
  return [{ protocol: kind, transport: 'tls', terminates: true }];
}
