/**
 * `istioctl analyze`: runs analyzers over objects and returns what they say, sorted.
 * Spec: https://istio.io/latest/docs/ops/diagnostic-tools/istioctl-analyze/
 */
import type { YamlDocument } from '../../kube/yaml/documents.ts';
import type { MeshConfig } from '../kinds/mesh-config.ts';
import { asApplied } from './as-applied.ts';
import { ANALYZERS } from './analyzers.ts';
import { AnalysisContext, type Analyzer, type MeshNetworks } from './context.ts';
import { sortedMessages, type AnalysisMessage } from './message.ts';
import { resourceOf, type Resource } from './resource.ts';
import { isSuppressed, type Suppression } from './suppression.ts';

export type { AnalysisMessage } from './message.ts';

/** An object of the cluster, and the text it came from, if there is one. */
export interface AnalysisSource {
  readonly object: unknown;
  readonly document?: YamlDocument;
}

export interface AnalysisOptions {
  /** Of objects that name none; default "default". */
  readonly defaultNamespace?: string;
  /** Only messages about this namespace, and about what is in none. */
  readonly onlyNamespace?: string;
  readonly istioNamespace?: string;
  /** Overrides of the default mesh config. */
  readonly meshConfig?: MeshConfig;
  readonly meshNetworks?: MeshNetworks;
  readonly analyzers?: readonly Analyzer[];
  readonly suppressions?: readonly Suppression[];
  /** Adds the ingress gateway that istioctl takes for granted when it looks at files alone. */
  readonly assumeIngressGateway?: boolean;
  /** Looks at the objects as a cluster would hold them: with defaults, pods and proxies. */
  readonly asApplied?: boolean;
  /** Wall-clock milliseconds, for certificates. */
  readonly nowMs?: number;
}

/** Pure; objects that cannot be decoded are passed over. */
export function analyze(
  sources: readonly AnalysisSource[],
  options: AnalysisOptions = {},
): AnalysisMessage[] {
  const { defaultNamespace = 'default', istioNamespace = 'istio-system' } = options;
  const written = sources.flatMap(
    ({ object, document }) => resourceOf(object, defaultNamespace, document) ?? [],
  );
  const { resources, implied } = options.asApplied
    ? asApplied(written)
    : { resources: written, implied: new Set<Resource>() };
  const assumed = options.assumeIngressGateway ? assumedGateway(istioNamespace) : [];
  const context = new AnalysisContext([...resources, ...assumed], {
    meshConfig: { rootNamespace: istioNamespace, ...options.meshConfig },
    meshNetworks: options.meshNetworks ?? {},
    istioNamespace,
    nowMs: options.nowMs,
  });
  for (const analyzer of options.analyzers ?? ANALYZERS) analyzer.run(context);
  return sortedMessages(
    context.messages.filter(
      ({ code, resource }) =>
        isWanted(resource, options.onlyNamespace) &&
        !implied.has(resource) &&
        !isSuppressed(code, resource, options.suppressions ?? []),
    ),
  );
}

/** Documents that cannot be read are passed over. */
export function analyzeDocuments(
  documents: readonly YamlDocument[],
  options: AnalysisOptions = {},
): AnalysisMessage[] {
  const sources = documents.map((document) => ({ object: document.value, document }));
  return analyze(sources, options);
}

function isWanted({ namespace }: Resource, onlyNamespace: string | undefined): boolean {
  return onlyNamespace === undefined || namespace === '' || namespace === onlyNamespace;
}

const INGRESS_PORTS = [
  { name: 'http2', port: 80 },
  { name: 'https', port: 443 },
  { name: 'tcp', port: 31_400 },
  { name: 'tls', port: 15_443 },
];

function assumedGateway(namespace: string): Resource[] {
  const labels = { istio: 'ingressgateway' };
  const name = 'istio-ingressgateway';
  const ports = INGRESS_PORTS.map((port) => ({ ...port, protocol: 'TCP', targetPort: port.port }));
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-dummypod`, namespace, labels },
      spec: { containers: [{ name: 'istio-proxy' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ports, selector: labels },
    },
  ];
  return objects.flatMap((object) => resourceOf(object, namespace) ?? []);
}
