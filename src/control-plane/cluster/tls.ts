/**
 * Models the client side of TLS: as the DestinationRule says, else mutual TLS where both sides can.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_tls.go.
 */
import type { ClientTls } from '../../istio/kinds/traffic-policy.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { CommonTlsContext, TransportSocket } from '../../xds/resources/transport-socket.ts';
import { meshIdentity, RAW_BUFFER_SOCKET, upstreamTlsSocket } from '../authn/tls-context.ts';
import { fileSecret, istiodSecret } from '../filters/config-source.ts';
import type { Mesh } from '../mesh-config.ts';
import type { Service } from '../registry/service.ts';
import type { MtlsMode } from '../push/peer-authentications.ts';
import type { ClusterDraft } from './draft.ts';

export interface TlsQuestion {
  readonly tls: ClientTls | undefined;
  readonly sni: string;
  readonly serviceAccounts: readonly string[];
  readonly service: Service;
  /** Undefined: nothing is known of the servers. */
  readonly mode: MtlsMode | undefined;
  readonly mesh: Mesh;
  readonly isRouter: boolean;
  readonly hasSelector: boolean;
}

export function applyTls(draft: ClusterDraft, question: TlsQuestion): void {
  const { tls, sni, serviceAccounts } = question;
  const { cluster } = draft;
  if (!tls) {
    if (!isAutoMutual(question)) return;
    const socket = mutualSocket(draft, sni, serviceAccounts);
    if (cluster.type === 'ORIGINAL_DST') cluster.transport_socket = socket;
    else
      cluster.transport_socket_matches = [
        { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: socket },
        { name: 'tlsMode-disabled', match: {}, transport_socket: RAW_BUFFER_SOCKET },
      ];
    return;
  }
  if (tls.mode === 'ISTIO_MUTUAL')
    cluster.transport_socket = mutualSocket(
      draft,
      tls.sni || sni,
      tls.subjectAltNames ?? serviceAccounts,
    );
  else if (tls.mode === 'SIMPLE' || tls.mode === 'MUTUAL') applyOwnTls(draft, tls, question);
}

function isAutoMutual({ service, mesh, mode }: TlsQuestion): boolean {
  return !service.meshExternal && mesh.enableAutoMtls && mode !== undefined && mode !== 'DISABLE';
}

const LIMITS: Pick<CommonTlsContext, 'tls_params'> = {
  tls_params: {
    tls_minimum_protocol_version: 'TLSv1_2',
    tls_maximum_protocol_version: 'TLSv1_3',
  },
};

function mutualSocket(
  draft: ClusterDraft,
  sni: string,
  subjectAltNames: readonly string[],
): TransportSocket {
  const alpn = ['istio-peer-exchange', 'istio', ...(draft.isHttp2 ? ['h2'] : [])];
  return upstreamTlsSocket({
    common_tls_context: { ...LIMITS, ...meshIdentity(subjectAltNames), alpn_protocols: alpn },
    sni: sni || draft.cluster.name,
  });
}

/** TLS with certificates of the user: files, or a credential that istiod hands out. */
function applyOwnTls(draft: ClusterDraft, tls: ClientTls, question: TlsQuestion): void {
  const isSecret = !!tls.credentialName && !tls.credentialName.startsWith('configmap://');
  if (isSecret && !question.isRouter && !question.hasSelector) return;
  const credentials = tls.credentialName
    ? credentialContext(tls, tls.credentialName, question)
    : fileContext(tls, question);
  if (!credentials) return;
  autoSni(draft, tls);
  const { tlsDefaults } = question.mesh;
  draft.cluster.transport_socket = upstreamTlsSocket({
    common_tls_context: {
      tls_params: {
        ...LIMITS.tls_params,
        ...(tlsDefaults?.ecdhCurves?.length && { ecdh_curves: [...tlsDefaults.ecdhCurves] }),
        ...(tlsDefaults?.cipherSuites?.length && { cipher_suites: [...tlsDefaults.cipherSuites] }),
      },
      ...credentials,
      ...(draft.isHttp2 && { alpn_protocols: ['h2'] }),
    },
    ...(tls.sni && { sni: tls.sni }),
  });
}

/** Without a given SNI Envoy takes the Host header, and wants the certificate to name it. */
function autoSni(draft: ClusterDraft, tls: ClientTls): void {
  if (tls.sni) return;
  const validates = !tls.subjectAltNames?.length && !tls.insecureSkipVerify;
  draft.httpOptions().upstream_http_protocol_options = {
    auto_sni: true,
    ...(validates && { auto_san_validation: true }),
  };
}

function subjectNames(tls: ClientTls, { service, serviceAccounts }: TlsQuestion) {
  const inherits = service.registry === 'External' && !tls.subjectAltNames?.length;
  const names = inherits ? serviceAccounts : (tls.subjectAltNames ?? []);
  return names.length > 0 ? { match_subject_alt_names: names.map((exact) => ({ exact })) } : {};
}

function credentialContext(
  tls: ClientTls,
  name: string,
  question: TlsQuestion,
): Partial<CommonTlsContext> {
  const url = name.includes('://') ? name : `kubernetes://${name}`;
  const root = url.endsWith('-cacert') || url.startsWith('configmap://') ? url : `${url}-cacert`;
  return {
    ...(tls.mode === 'MUTUAL' && { tls_certificate_sds_secret_configs: [istiodSecret(url)] }),
    ...(tls.insecureSkipVerify
      ? { validation_context: {} }
      : {
          combined_validation_context: {
            default_validation_context: subjectNames(tls, question),
            validation_context_sds_secret_config: istiodSecret(root),
          },
        }),
  };
}

function fileContext(tls: ClientTls, question: TlsQuestion): Partial<CommonTlsContext> | undefined {
  const { clientCertificate, privateKey, caCertificates, caCrl } = tls;
  if (tls.mode === 'MUTUAL' && !(clientCertificate && privateKey)) return undefined;
  const root = `file-root:${caCertificates || 'system'}`;
  return {
    ...(tls.mode === 'MUTUAL' && {
      tls_certificate_sds_secret_configs: [
        fileSecret(`file-cert:${clientCertificate}~${privateKey}`),
      ],
    }),
    ...(tls.insecureSkipVerify
      ? { validation_context: {} }
      : {
          combined_validation_context: {
            default_validation_context: {
              ...subjectNames(tls, question),
              ...(caCrl && { crl: { filename: caCrl } }),
            },
            validation_context_sds_secret_config: fileSecret(root),
          },
        }),
  };
}

/** PROXY protocol goes outside of whatever socket there is. */
/** Without TLS the inner socket is named as Envoy's own default. */
const PLAIN_SOCKET: TransportSocket = { ...RAW_BUFFER_SOCKET, name: 'raw_buffer' };

export function applyProxyProtocol(draft: ClusterDraft, version: 'V1' | 'V2'): void {
  const wrap = (socket: TransportSocket): TransportSocket => ({
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typed_config: packAny(
      'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      { config: version === 'V2' ? { version } : {}, transport_socket: socket },
    ),
  });
  const { cluster } = draft;
  if (cluster.transport_socket_matches)
    for (const match of cluster.transport_socket_matches)
      match.transport_socket = wrap(match.transport_socket ?? RAW_BUFFER_SOCKET);
  else cluster.transport_socket = wrap(cluster.transport_socket ?? PLAIN_SOCKET);
}
