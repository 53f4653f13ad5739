/**
 * Models the mesh config in force: what was given over istiod's defaults.
 *
 * Spec: istio pkg/config/mesh/mesh.go, DefaultMeshConfig.
 */
import type { MeshConfig } from '../istio/kinds/mesh-config.ts';
import type { ExtensionProvider } from '../istio/kinds/extension-provider.ts';

export type Mesh = MeshConfig &
  Required<
    Pick<
      MeshConfig,
      | 'rootNamespace'
      | 'trustDomain'
      | 'connectTimeout'
      | 'protocolDetectionTimeout'
      | 'enableAutoMtls'
      | 'proxyListenPort'
      | 'proxyInboundListenPort'
      | 'dnsRefreshRate'
      | 'defaultServiceExportTo'
      | 'defaultVirtualServiceExportTo'
      | 'defaultDestinationRuleExportTo'
      | 'extensionProviders'
    >
  >;

const BUILT_IN_PROVIDERS: readonly ExtensionProvider[] = [
  { name: 'prometheus', prometheus: {} },
  { name: 'stackdriver', stackdriver: {} },
  { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
];

const DEFAULTS: Mesh = {
  rootNamespace: 'istio-system',
  trustDomain: 'cluster.local',
  connectTimeout: '10s',
  protocolDetectionTimeout: '0s',
  enableAutoMtls: true,
  enableTracing: true,
  accessLogFile: '',
  accessLogEncoding: 'TEXT',
  outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  inboundTrafficPolicy: { mode: 'PASSTHROUGH' },
  localityLbSetting: { enabled: true },
  defaultServiceExportTo: ['*'],
  defaultVirtualServiceExportTo: ['*'],
  defaultDestinationRuleExportTo: ['*'],
  ingressControllerMode: 'STRICT',
  ingressClass: 'istio',
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  dnsRefreshRate: '60s',
  extensionProviders: BUILT_IN_PROVIDERS,
};

/** The defaults under `given`; a provider of a built-in's name takes its place. */
export function resolveMeshConfig(given: MeshConfig = {}): Mesh {
  const own = given.extensionProviders ?? [];
  const kept = BUILT_IN_PROVIDERS.filter(({ name }) => !own.some((it) => it.name === name));
  const aliases = given.trustDomainAliases && [...new Set(given.trustDomainAliases)].sort();
  return {
    ...DEFAULTS,
    ...given,
    ...(aliases && { trustDomainAliases: aliases }),
    extensionProviders: [...kept, ...own],
  } as Mesh;
}
