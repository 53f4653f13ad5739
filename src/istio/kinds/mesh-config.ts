/**
 * MeshConfig: settings of the whole mesh, as the ConfigMap `istio` holds them under `mesh`.
 * Spec: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 * Simplified: fields that istiod reads to make xDS, to inject and to validate.
 */
import type { TcpKeepalive } from './connection-pool.ts';
import type { DurationString } from './duration.ts';
import type { ExtensionProvider } from './extension-provider.ts';
import type { HttpRetry } from './http-route.ts';
import type { LocalityLoadBalancer } from './load-balancer.ts';
import type { TlsProtocol } from './server-tls.ts';

export interface MeshConfig {
  readonly rootNamespace?: string;
  readonly trustDomain?: string;
  readonly trustDomainAliases?: readonly string[];
  readonly connectTimeout?: DurationString;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly protocolDetectionTimeout?: DurationString;
  readonly h2UpgradePolicy?: 'DO_NOT_UPGRADE' | 'UPGRADE';
  readonly enableAutoMtls?: boolean;
  readonly enableTracing?: boolean;
  readonly accessLogFile?: string;
  readonly accessLogFormat?: string;
  readonly accessLogEncoding?: 'TEXT' | 'JSON';
  readonly enableEnvoyAccessLogService?: boolean;
  readonly disableEnvoyListenerLog?: boolean;
  readonly outboundTrafficPolicy?: { readonly mode?: 'REGISTRY_ONLY' | 'ALLOW_ANY' };
  readonly inboundTrafficPolicy?: { readonly mode?: 'PASSTHROUGH' | 'LOCALHOST' };
  readonly outboundClusterStatName?: string;
  readonly inboundClusterStatName?: string;
  readonly defaultServiceExportTo?: readonly string[];
  readonly defaultVirtualServiceExportTo?: readonly string[];
  readonly defaultDestinationRuleExportTo?: readonly string[];
  readonly defaultHttpRetryPolicy?: HttpRetry;
  readonly localityLbSetting?: LocalityLoadBalancer;
  readonly extensionProviders?: readonly ExtensionProvider[];
  readonly defaultProviders?: DefaultProviders;
  readonly meshMTLS?: MeshTls;
  readonly tlsDefaults?: MeshTls;
  readonly pathNormalization?: { readonly normalization?: PathNormalization };
  readonly discoverySelectors?: readonly LabelSelector[];
  readonly serviceSettings?: readonly ServiceSettings[];
  readonly defaultConfig?: DefaultProxyConfig;
  readonly ingressClass?: string;
  readonly ingressService?: string;
  readonly ingressSelector?: string;
  readonly ingressControllerMode?: 'UNSPECIFIED' | 'OFF' | 'DEFAULT' | 'STRICT';
  readonly proxyListenPort?: number;
  readonly proxyInboundListenPort?: number;
  readonly proxyHttpPort?: number;
  readonly dnsRefreshRate?: DurationString;
  readonly hboneIdleTimeout?: DurationString;
}

export type PathNormalization =
  'DEFAULT' | 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

export interface DefaultProviders {
  readonly metrics?: readonly string[];
  readonly tracing?: readonly string[];
  readonly accessLogging?: readonly string[];
}

export interface MeshTls {
  readonly minProtocolVersion?: TlsProtocol;
  readonly ecdhCurves?: readonly string[];
  readonly cipherSuites?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface ServiceSettings {
  readonly settings?: { readonly clusterLocal?: boolean };
  readonly hosts?: readonly string[];
}

/** `defaultConfig`: what a proxy starts with; the part that shows in xDS or in a pod. */
export interface DefaultProxyConfig {
  readonly concurrency?: number;
  readonly drainDuration?: DurationString;
  readonly terminationDrainDuration?: DurationString;
  readonly discoveryAddress?: string;
  readonly holdApplicationUntilProxyStarts?: boolean;
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly privateKeyProvider?: Readonly<Record<string, unknown>>;
  readonly tracing?: ProxyTracing;
  readonly gatewayTopology?: {
    readonly numTrustedProxies?: number;
    readonly forwardClientCertDetails?: string;
    readonly proxyProtocol?: Readonly<Record<string, never>>;
  };
  readonly image?: { readonly imageType?: string };
  readonly proxyHeaders?: ProxyHeaders;
}

export interface ProxyTracing {
  /** Percent of requests. */
  readonly sampling?: number;
  readonly maxPathTagLength?: number;
  readonly zipkin?: { readonly address?: string };
  readonly customTags?: Readonly<Record<string, unknown>>;
}

export interface ProxyHeaders {
  readonly forwardedClientCert?: string;
  readonly setCurrentClientCertDetails?: {
    readonly subject?: boolean;
    readonly cert?: boolean;
    readonly chain?: boolean;
    readonly dns?: boolean;
    readonly uri?: boolean;
  };
  readonly requestId?: { readonly disabled?: boolean };
  readonly server?: { readonly disabled?: boolean; readonly value?: string };
  readonly attemptCount?: { readonly disabled?: boolean };
  readonly envoyDebugHeaders?: { readonly disabled?: boolean };
  readonly metadataExchangeHeaders?: { readonly mode?: 'UNDEFINED' | 'IN_MESH' };
  readonly preserveHttp1HeaderCase?: boolean;
}
