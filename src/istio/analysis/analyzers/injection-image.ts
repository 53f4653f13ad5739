/**
 * Proxies whose image is not the one the injector would give them today.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0158/
 */
import { readDocuments } from '../../../kube/yaml/documents.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { injectorName, isInjectorSettings, proxyImage } from '../injector-settings.ts';
import { selects } from '../label-selector.ts';
import {
  containersOf,
  INJECTION_LABEL,
  podSpec,
  PROXY_CONTAINER,
  REVISION_LABEL,
} from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

export const injectionImageAnalyzer: Analyzer = {
  name: 'injection.ImageAnalyzer',
  run(context) {
    const images = new Map(
      context
        .all('ConfigMap')
        .filter((settings) => isInjectorSettings(settings))
        .map((settings) => [settings.name, proxyImage(settings)]),
    );
    if (images.size === 0) return;
    const mismatched = new Map<string, string[]>();
    for (const pod of context.all('Pod')) {
      const namespace = context.find('Namespace', pod.namespace);
      const revision = namespace && injectedRevision(namespace);
      const image = revision === undefined ? undefined : images.get(injectorName(revision));
      if (image === undefined || pod.annotations['sidecar.istio.io/proxyImage']) continue;
      const fitting = [image, `${image}-${imageType(pod, context)}`];
      const proxies = containersOf(podSpec(pod)).filter(({ name }) => name === PROXY_CONTAINER);
      for (const proxy of proxies) {
        if (fitting.includes(proxy.image ?? '')) continue;
        mismatched.set(pod.namespace, [...(mismatched.get(pod.namespace) ?? []), pod.name]);
      }
    }
    for (const [name, pods] of mismatched) {
      const namespace = context.find('Namespace', name);
      if (namespace)
        context.report('PodsIstioProxyImageMismatchInNamespace', namespace, [pods.sort()]);
    }
  },
};

function injectedRevision({ labels }: Resource): string | undefined {
  const revision = labels[REVISION_LABEL];
  if (revision !== undefined) return revision;
  return labels[INJECTION_LABEL] === 'enabled' ? 'default' : undefined;
}

/** The variant of the image: mesh, root, namespace, workload, pod; the nearest counts. */
function imageType(pod: Resource, context: AnalysisContext): string {
  const root = context.meshConfig.rootNamespace ?? 'istio-system';
  const configs = context.all('ProxyConfig');
  const inRoot = configs.filter(({ namespace }) => namespace === root);
  const own = configs.filter(({ namespace }) => namespace === pod.namespace && namespace !== root);
  const forNamespace = own.filter(({ spec }) => !spec.selector);
  const forWorkload = own.filter(
    ({ spec }) => spec.selector && selects(spec.selector.matchLabels, pod.labels),
  );
  const written = [
    context.meshConfig.defaultConfig?.image?.imageType,
    ...[...inRoot, ...forNamespace, ...forWorkload].map(({ spec }) => spec.image?.imageType),
    annotatedImageType(pod),
  ];
  const type = written.filter(Boolean).at(-1) ?? '';
  return type === 'default' ? '' : type;
}

function annotatedImageType({ annotations }: Resource): string | undefined {
  const text = annotations['proxy.istio.io/config'];
  const config = text ? readDocuments(text)[0]?.value : undefined;
  return (config as { image?: { imageType?: string } } | undefined)?.image?.imageType;
}
