/**
 * Sidecar injection: namespaces that are not injected, pods without their proxy.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0102/, ist0103/, ist0123/, ist0148/
 */
import type { AnalysisContext, Analyzer } from '../context.ts';
import { injectorValues, injectorName } from '../injector-settings.ts';
import {
  containersOf,
  INJECT,
  INJECTION_LABEL,
  podSpec,
  PROXY_CONTAINER,
  REVISION_LABEL,
} from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

const DATAPLANE_MODE = 'istio.io/dataplane-mode';
const SYSTEM_NAMESPACE = 'istio-system';

export const injectionAnalyzer: Analyzer = {
  name: 'injection.Analyzer',
  run(context) {
    const injected = new Set<string>();
    let enabledByDefault = false; // as in istioctl, the last settings seen stay in force
    for (const namespace of context.all('Namespace')) {
      if (namespace.name === SYSTEM_NAMESPACE) continue;
      reportSeveralLabels(namespace, context);
      if (namespace.labels[DATAPLANE_MODE] === 'ambient') continue;
      enabledByDefault = namespacesByDefault(namespace, context) ?? enabledByDefault;
      const label = namespace.labels[INJECTION_LABEL] ?? '';
      if (label === '' && namespace.labels[REVISION_LABEL] === undefined)
        reportNotInjected(namespace, enabledByDefault, context);
      else if (label === 'enabled') injected.add(namespace.name);
    }
    for (const pod of context.all('Pod')) {
      const spec = podSpec(pod);
      const wish = pod.labels[INJECT] ?? pod.annotations[INJECT] ?? '';
      if (!injected.has(pod.namespace) || wish.toLowerCase() === 'false' || spec.hostNetwork)
        continue;
      const proxy = containersOf(spec).find(({ name }) => name === PROXY_CONTAINER);
      if (!proxy?.image) context.report('PodMissingProxy', pod, [pod.fullName]);
    }
  },
};

function reportSeveralLabels(namespace: Resource, context: AnalysisContext): void {
  const { labels } = namespace;
  const injection = labels[INJECTION_LABEL];
  const found = injection === undefined ? [] : [`${INJECTION_LABEL}=${injection}`];
  for (const label of [REVISION_LABEL, DATAPLANE_MODE])
    if (labels[label] !== undefined && (injection === undefined || injection === 'enabled'))
      found.push(`${label}=${labels[label]}`);
  if (found.length > 1)
    context.report('NamespaceMultipleInjectionLabels', namespace, [found], ['metadata', 'labels']);
}

function reportNotInjected(
  namespace: Resource,
  enabledByDefault: boolean,
  context: AnalysisContext,
): void {
  const { name } = namespace;
  if (enabledByDefault) context.report('NamespaceInjectionEnabledByDefault', namespace);
  else context.report('NamespaceNotInjected', namespace, [name, name], ['metadata', 'name']);
}

/** What the injector of the namespace's revision is set to; undefined without one. */
function namespacesByDefault(namespace: Resource, context: AnalysisContext): boolean | undefined {
  const wanted = injectorName(namespace.labels[REVISION_LABEL]);
  const settings = context.all('ConfigMap').find(({ name }) => name === wanted);
  if (!settings) return undefined;
  return injectorValues(settings)?.sidecarInjectorWebhook?.enableNamespacesByDefault ?? false;
}
