/**
 * Models TLS as a Gateway server or a Sidecar's ingress listener terminates it.
 *
 * Spec: istio pilot/pkg/networking/core/listener.go, BuildListenerTLSContext;
 * pilot/pkg/security/model/authentication.go.
 */
import type { ServerTls } from '../../istio/kinds/server-tls.ts';
import type {
  CommonTlsContext,
  DownstreamTlsContext,
  TlsParameters,
} from '../../xds/resources/transport-socket.ts';
import { fileSecret, istiodSecret } from '../filters/config-source.ts';
import type { Proxy } from '../proxy.ts';
import { meshIdentity, tlsProtocol } from './tls-context.ts';

const HTTP_ALPN = ['h2', 'http/1.1'];
const TCP_ALPN = ['istio-peer-exchange', 'h2', 'http/1.1'];

/** `protocol` tcp: a terminated stream that is not HTTP. */
export function serverTlsContext(
  tls: ServerTls,
  proxy: Proxy,
  protocol: 'http' | 'tcp',
): DownstreamTlsContext {
  const isMesh = tls.mode === 'ISTIO_MUTUAL';
  const requires = tls.mode === 'MUTUAL' || isMesh;
  const params = isMesh ? undefined : tlsParameters(tls, proxy);
  return {
    common_tls_context: {
      alpn_protocols: protocol === 'tcp' && isMesh ? TCP_ALPN : HTTP_ALPN,
      ...credentials(tls, requires || tls.mode === 'OPTIONAL_MUTUAL'),
      ...(params && { tls_params: params }),
    },
    require_client_certificate: requires,
  };
}

function credentials(tls: ServerTls, validatesClient: boolean): Partial<CommonTlsContext> {
  if (tls.mode === 'ISTIO_MUTUAL') return meshIdentity(tls.subjectAltNames ?? []);
  const names = tls.credentialNames?.length
    ? tls.credentialNames
    : tls.credentialName
      ? [tls.credentialName]
      : [];
  if (names.length > 0) {
    const sds = (name: string) =>
      istiodSecret(name.includes('://') ? name : `kubernetes://${name}`);
    const root = tls.caCertCredentialName || `${names[0]}-cacert`;
    return {
      tls_certificate_sds_secret_configs: names.map(sds),
      ...(validatesClient && validation(tls, sds(root))),
    };
  }
  return {
    tls_certificate_sds_secret_configs: [
      fileSecret(`file-cert:${tls.serverCertificate ?? ''}~${tls.privateKey ?? ''}`),
    ],
    ...(validatesClient && validation(tls, fileSecret(`file-root:${tls.caCertificates ?? ''}`))),
  };
}

function validation(
  tls: ServerTls,
  secret: ReturnType<typeof fileSecret>,
): Partial<CommonTlsContext> {
  const names = (tls.subjectAltNames ?? []).map((exact) => ({ exact }));
  return {
    combined_validation_context: {
      default_validation_context: {
        ...(names.length > 0 && { match_subject_alt_names: names }),
        ...(tls.verifyCertificateSpki?.length && {
          verify_certificate_spki: [...tls.verifyCertificateSpki],
        }),
        ...(tls.verifyCertificateHash?.length && {
          verify_certificate_hash: [...tls.verifyCertificateHash],
        }),
        ...(tls.caCrl && { crl: { filename: tls.caCrl } }),
      },
      validation_context_sds_secret_config: secret,
    },
  };
}

function tlsParameters(tls: ServerTls, { push }: Proxy): TlsParameters | undefined {
  const defaults = push.mesh.tlsDefaults;
  const minimum = tlsProtocol(tls.minProtocolVersion) ?? tlsProtocol(defaults?.minProtocolVersion);
  const maximum = tlsProtocol(tls.maxProtocolVersion);
  const ciphers = tls.cipherSuites?.length ? tls.cipherSuites : (defaults?.cipherSuites ?? []);
  const curves = defaults?.ecdhCurves ?? [];
  const params: TlsParameters = {
    ...(minimum && { tls_minimum_protocol_version: minimum }),
    ...(maximum && { tls_maximum_protocol_version: maximum }),
    ...(ciphers.length > 0 && { cipher_suites: [...ciphers] }),
    ...(curves.length > 0 && { ecdh_curves: [...curves] }),
  };
  return Object.keys(params).length > 0 ? params : undefined;
}
