/**
 * Whether a workload is in the mesh: it has a proxy, or will be given one.
 * Spec: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
import type { StringMap } from '../../kube/objects/metadata.ts';
import type { Container } from '../../kube/objects/pod.ts';
import type { AnalysisContext } from './context.ts';
import type { Fields, Resource } from './resource.ts';

export const PROXY_CONTAINER = 'istio-proxy';
export const INJECTION_LABEL = 'istio-injection';
export const REVISION_LABEL = 'istio.io/rev';
export const INJECT = 'sidecar.istio.io/inject';
const DATAPLANE_MODE = 'istio.io/dataplane-mode';
const REDIRECTION = 'ambient.istio.io/redirection';

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly nodeName?: string;
  readonly securityContext?: { readonly runAsUser?: number };
}

export function podSpec({ spec }: Resource): PodSpec {
  return spec as unknown as PodSpec;
}

export interface PodTemplate {
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly spec: PodSpec;
}

export function templateOf({ spec }: Resource): PodTemplate {
  const template = (spec['template'] ?? {}) as Fields;
  const metadata = (template['metadata'] ?? {}) as Fields;
  return {
    labels: (metadata['labels'] ?? {}) as StringMap,
    annotations: (metadata['annotations'] ?? {}) as StringMap,
    spec: (template['spec'] ?? {}) as PodSpec,
  };
}

export function containersOf({ containers = [], initContainers = [] }: PodSpec): Container[] {
  return [...containers, ...initContainers];
}

export function isPodInMesh(pod: Resource, context: AnalysisContext): boolean {
  const { labels, annotations, namespace } = pod;
  return isInMesh({ labels, annotations, spec: podSpec(pod) }, namespace, context);
}

export function isInMesh(
  { labels, annotations, spec }: PodTemplate,
  namespace: string,
  context: AnalysisContext,
): boolean {
  if (containersOf(spec).some(({ name, image }) => name === PROXY_CONTAINER && image)) return true;
  const wish = labels[INJECT] ?? annotations[INJECT];
  if (wish !== undefined) return wish === 'true';
  return context.find('Namespace', namespace)?.labels[INJECTION_LABEL] === 'enabled';
}

export function isPodAmbient({ annotations }: Resource): boolean {
  return annotations[REDIRECTION] === 'enabled';
}

export function isNamespaceAmbient(namespace: Resource | undefined): boolean {
  if (!namespace || namespace.labels[INJECTION_LABEL] === 'enabled') return false;
  return !namespace.labels[REVISION_LABEL] && namespace.labels[DATAPLANE_MODE] === 'ambient';
}

/** Parts of Istio itself are not held to the rules of applications. */
export function isControlPlane({ labels }: Resource): boolean {
  return labels['istio'] !== undefined || labels['release'] === 'istio';
}
