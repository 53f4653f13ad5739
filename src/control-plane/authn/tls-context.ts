/**
 * Models the TLS contexts of mutual TLS inside the mesh, both sides.
 *
 * Spec: istio pilot/pkg/security/authn/utils/utils.go, pilot/pkg/security/model/authentication.go.
 */
import { packAny } from '../../xds/resources/any.ts';
import type {
  CommonTlsContext,
  DownstreamTlsContext,
  TlsProtocol,
  TransportSocket,
  UpstreamTlsContext,
} from '../../xds/resources/transport-socket.ts';
import { agentSecret } from '../filters/config-source.ts';
import type { Mesh } from '../mesh-config.ts';

const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

const HTTP_ALPN = ['h2', 'http/1.1'];
const TCP_ALPN = ['istio-peer-exchange', 'h2', 'http/1.1'];

/** What a sidecar's inbound chain presents and asks for: any identity of the trust domains. */
export function inboundTlsContext(mesh: Mesh, protocol: 'http' | 'tcp'): DownstreamTlsContext {
  const domains = [mesh.trustDomain, ...(mesh.trustDomainAliases ?? [])];
  const curves = mesh.meshMTLS?.ecdhCurves ?? [];
  return {
    common_tls_context: {
      alpn_protocols: protocol === 'http' ? HTTP_ALPN : TCP_ALPN,
      combined_validation_context: {
        default_validation_context: {
          match_subject_alt_names: [...new Set(domains)].map((domain) => ({
            prefix: `spiffe://${domain.replace(/^spiffe:\/\//, '')}/`,
          })),
        },
        validation_context_sds_secret_config: agentSecret('ROOTCA'),
      },
      tls_certificate_sds_secret_configs: [agentSecret('default')],
      tls_params: {
        cipher_suites: CIPHERS,
        ...(curves.length > 0 && { ecdh_curves: [...curves] }),
        tls_minimum_protocol_version:
          mesh.meshMTLS?.minProtocolVersion === 'TLSV1_3' ? 'TLSv1_3' : 'TLSv1_2',
        tls_maximum_protocol_version: 'TLSv1_3',
      },
    },
    require_client_certificate: true,
  };
}

/** Certificate, root and peers of the mesh's own identity, for contexts that are built elsewhere. */
export function meshIdentity(
  subjectAltNames: readonly string[],
): Pick<CommonTlsContext, 'tls_certificate_sds_secret_configs' | 'combined_validation_context'> {
  return {
    tls_certificate_sds_secret_configs: [agentSecret('default')],
    combined_validation_context: {
      default_validation_context: {
        ...(subjectAltNames.length > 0 && {
          match_subject_alt_names: subjectAltNames.map((exact) => ({ exact })),
        }),
      },
      validation_context_sds_secret_config: agentSecret('ROOTCA'),
    },
  };
}

export function tlsProtocol(version: string | undefined): TlsProtocol | undefined {
  if (version === undefined || version === 'TLS_AUTO') return undefined;
  return version.replace('TLSV', 'TLSv') as TlsProtocol;
}

export function downstreamTlsSocket(context: DownstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: packAny(
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      context,
    ),
  };
}

export function upstreamTlsSocket(context: UpstreamTlsContext): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: packAny('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', context),
  };
}

export const RAW_BUFFER_SOCKET: TransportSocket = {
  name: 'envoy.transport_sockets.raw_buffer',
  typed_config: packAny('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'),
};
