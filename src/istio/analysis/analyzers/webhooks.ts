/**
 * Injection webhooks that overlap, or call a control plane that is not there.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0139/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import { goList } from '../../validation/go-format.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { selectsByExpression, type LabelSelector } from '../label-selector.ts';
import { INJECT, INJECTION_LABEL, REVISION_LABEL } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

interface Webhook {
  readonly name?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly clientConfig?: {
    readonly service?: { readonly name?: string; readonly namespace?: string };
  };
}

interface PlacedWebhook {
  readonly configuration: Resource;
  readonly webhook: Webhook;
  /** "istio-sidecar-injector/namespace.sidecar-injector.istio.io" */
  readonly fullName: string;
}

export const webhookAnalyzer: Analyzer = {
  name: 'webhook.Analyzer',
  run(context) {
    const { webhooks, revisions } = injectionWebhooks(context);
    for (const namespace of labelSets(INJECTION_LABEL, ['enabled', 'disabled'], revisions))
      for (const pod of labelSets(INJECT, ['true', 'false'], revisions))
        reportOverlaps(namespace, pod, webhooks, context);
    for (const { configuration, webhook } of webhooks) {
      const service = webhook.clientConfig?.service;
      if (!service) continue;
      const fullName = `${service.namespace ?? ''}/${service.name ?? ''}`;
      if (context.find('Service', fullName)) continue;
      const words = `Injector refers to a control plane service that does not exist: ${fullName}.`;
      context.report('InvalidWebhook', configuration, [words]);
    }
  },
};

/** At most one webhook may take a pod. */
function reportOverlaps(
  namespace: StringMap,
  pod: StringMap,
  webhooks: readonly PlacedWebhook[],
  context: AnalysisContext,
): void {
  const taking = webhooks.filter(
    ({ webhook }) =>
      selectsByExpression(webhook.namespaceSelector, namespace) &&
      selectsByExpression(webhook.objectSelector, pod),
  );
  if (taking.length < 2) return;
  for (const { configuration, fullName } of taking) {
    const others = taking.map((other) => other.fullName).filter((name) => name !== fullName);
    const list = goList([...new Set(others)].sort());
    const words = `Webhook overlaps with others: ${list}. This may cause injection to occur twice.`;
    context.report('InvalidWebhook', configuration, [words]);
  }
}

function injectionWebhooks(context: AnalysisContext) {
  const webhooks: PlacedWebhook[] = [];
  const revisions = new Set<string>();
  for (const configuration of context.all('MutatingWebhookConfiguration')) {
    const listed = (configuration.object['webhooks'] ?? []) as readonly Webhook[];
    const own = revisionsOf(configuration, listed);
    if (own.length === 0 && !listed.some(({ name }) => name?.endsWith('istio.io'))) continue;
    for (const revision of own) revisions.add(revision);
    for (const webhook of listed)
      webhooks.push({
        configuration,
        webhook,
        fullName: `${configuration.fullName}/${webhook.name ?? ''}`,
      });
  }
  return { webhooks, revisions: [...revisions] };
}

function revisionsOf({ labels }: Resource, webhooks: readonly Webhook[]): string[] {
  const selectors = webhooks.flatMap(({ namespaceSelector, objectSelector }) => [
    namespaceSelector,
    objectSelector,
  ]);
  return [
    labels[REVISION_LABEL],
    ...selectors.flatMap((selector) => [
      selector?.matchLabels?.[REVISION_LABEL],
      ...(selector?.matchExpressions ?? [])
        .filter(({ key }) => key === REVISION_LABEL)
        .flatMap(({ values = [] }) => values),
    ]),
  ].filter((revision) => revision !== undefined);
}

/** Every way in which a namespace or pod may be labelled. */
function labelSets(
  label: string,
  values: readonly string[],
  revisions: readonly string[],
): StringMap[] {
  const plain: StringMap[] = [{}, ...values.map((value) => ({ [label]: value }))];
  return [
    ...plain,
    ...revisions.flatMap((revision) =>
      plain.map((labels) => ({ ...labels, [REVISION_LABEL]: revision })),
    ),
  ];
}
