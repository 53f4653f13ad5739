/**
 * Models whether a pod gets a sidecar: which webhook the API server asks, and what the injector says.
 *
 * Spec: https://istio.io/latest/docs/ops/configuration/mesh/injection-concepts/;
 * istio/pkg/kube/inject injectRequired. Simplified: policy `enabled`, no never/alwaysInjectSelector.
 */
import type { ObjectMeta, StringMap } from '../objects/metadata.ts';
import type { PodSpec } from '../objects/pod.ts';

export const INJECT_KEY = 'sidecar.istio.io/inject';
const NAMESPACE_LABEL = 'istio-injection';
const REVISION_LABEL = 'istio.io/rev';

/** Namespaces that are never injected. */
const IGNORED = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** Whether the API server asks the injector of `revision` about this pod at all. */
export function isSelectedByWebhook(
  pod: Partial<ObjectMeta>,
  namespaceLabels: StringMap,
  revision: string,
): boolean {
  const inject = pod.labels?.[INJECT_KEY];
  const podRevision = pod.labels?.[REVISION_LABEL];
  const namespaceRevision = namespaceLabels[REVISION_LABEL];
  const namespaceInjection = namespaceLabels[NAMESPACE_LABEL];
  if (inject === 'false') return false;
  if (namespaceInjection === 'enabled') return revision === 'default';
  if (namespaceInjection !== undefined) return false;
  if (namespaceRevision !== undefined) return namespaceRevision === revision;
  if (podRevision !== undefined) return podRevision === revision;
  return inject === 'true' && revision === 'default';
}

export type Refusal = 'host-network' | 'ignored-namespace' | 'disabled';

/** Why the injector, once asked, leaves the pod alone; undefined when it injects. */
export function injectionRefusal(
  pod: Partial<ObjectMeta>,
  spec: PodSpec,
  namespace: string,
): Refusal | undefined {
  if (spec.hostNetwork) return 'host-network';
  if (IGNORED.has(namespace)) return 'ignored-namespace';
  const wish = pod.labels?.[INJECT_KEY] ?? pod.annotations?.[INJECT_KEY];
  if (wish === undefined || wish === '') return undefined;
  return ['y', 'yes', 'true', 'on'].includes(wish.toLowerCase()) ? undefined : 'disabled';
}
