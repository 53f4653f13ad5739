/**
 * `image: auto` stands for the proxy's image until injection fills it in; without it the pod fails.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0146/ and ist0147/
 */
import type { Analyzer } from '../context.ts';
import { selectsByExpression, type LabelSelector } from '../label-selector.ts';
import { podSpec, PROXY_CONTAINER, templateOf, type PodSpec } from '../mesh-membership.ts';

interface Webhook {
  readonly name?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

export const imageAutoAnalyzer: Analyzer = {
  name: 'injection.ImageAutoAnalyzer',
  run(context) {
    const webhooks = context
      .all('MutatingWebhookConfiguration')
      .flatMap(({ object }) => (object['webhooks'] ?? []) as readonly Webhook[])
      .filter(({ name }) => name?.endsWith('istio.io'));
    for (const pod of context.all('Pod'))
      if (hasAutoImage(podSpec(pod)))
        context.report('ImageAutoWithoutInjectionError', pod, ['Pod', pod.name]);
    for (const deployment of context.all('Deployment')) {
      const { spec, labels } = templateOf(deployment);
      if (!hasAutoImage(spec)) continue;
      const namespace = context.find('Namespace', deployment.namespace || 'default');
      const isInjected = webhooks.some(
        ({ namespaceSelector, objectSelector }) =>
          selectsByExpression(namespaceSelector, namespace?.labels ?? {}) &&
          selectsByExpression(objectSelector, labels),
      );
      if (isInjected) continue;
      const words = ['Deployment', deployment.name];
      context.report('ImageAutoWithoutInjectionWarning', deployment, words);
    }
  },
};

function hasAutoImage({ containers = [] }: PodSpec): boolean {
  return containers.some(({ name, image }) => name === PROXY_CONTAINER && image === 'auto');
}
