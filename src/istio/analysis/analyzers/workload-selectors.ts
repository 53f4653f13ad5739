/**
 * Sidecars and Telemetries that compete for a workload or a namespace, or select nothing.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0110/, ist0111/, ist0159/, ist0160/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { firstLabel, selects, selectorText } from '../label-selector.ts';
import { isNamespaceAmbient, isPodAmbient } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

type AnyResource = Resource<unknown>;

export const sidecarSelectorAnalyzer: Analyzer = {
  name: 'sidecar.SelectorAnalyzer',
  run(context) {
    const ineffective = new Set<string>();
    const reportIneffective = (sidecar: AnyResource, reason: string) => {
      if (!ineffective.has(sidecar.fullName))
        context.report('IneffectivePolicy', sidecar, [reason]);
      ineffective.add(sidecar.fullName);
    };
    const sidecars = context.all('Sidecar');
    const labelsOf = (sidecar: (typeof sidecars)[number]) => sidecar.spec.workloadSelector?.labels;
    const selecting = sidecars.filter((sidecar) => Object.keys(labelsOf(sidecar) ?? {}).length > 0);
    const path = ['spec', 'workloadSelector', 'labels'];
    for (const [pod, rivals] of podRivals(selecting, labelsOf, path, context)) {
      for (const sidecar of rivals) {
        if (isPodAmbient(pod))
          reportIneffective(
            sidecar,
            'selected workload is in ambient mode, the policy has no impact',
          );
        else if (rivals.length > 1)
          reportRivals('ConflictingSidecarWorkloadSelectors', sidecar, rivals, pod, context);
      }
    }
    const general = sidecars.filter((sidecar) => !selecting.includes(sidecar));
    for (const [namespace, rivals] of byNamespace(general)) {
      if (isNamespaceAmbient(context.find('Namespace', namespace))) {
        for (const sidecar of rivals)
          reportIneffective(sidecar, 'namespace is in ambient mode, the policy has no impact');
      } else if (rivals.length > 1) {
        for (const sidecar of rivals)
          context.report('MultipleSidecarsWithoutWorkloadSelectors', sidecar, [
            namesOf(rivals),
            namespace,
          ]);
      }
    }
  },
};

export const telemetrySelectorAnalyzer: Analyzer = {
  name: 'telemetry.SelectorAnalyzer',
  run(context) {
    const telemetries = context.all('Telemetry');
    const labelsOf = (one: (typeof telemetries)[number]) => one.spec.selector?.matchLabels;
    const selecting = telemetries.filter((one) => Object.keys(labelsOf(one) ?? {}).length > 0);
    const path = ['spec', 'selector', 'matchLabels'];
    for (const [pod, rivals] of podRivals(selecting, labelsOf, path, context)) {
      if (rivals.length < 2) continue;
      for (const one of rivals)
        reportRivals('ConflictingTelemetryWorkloadSelectors', one, rivals, pod, context);
    }
  },
};

export const telemetryDefaultSelectorAnalyzer: Analyzer = {
  name: 'telemetry.DefaultSelectorAnalyzer',
  run(context) {
    const general = context.all('Telemetry').filter(({ spec }) => !spec.selector);
    for (const [namespace, rivals] of byNamespace(general)) {
      if (rivals.length < 2) continue;
      for (const one of rivals)
        context.report('MultipleTelemetriesWithoutWorkloadSelectors', one, [
          namesOf(rivals),
          namespace,
        ]);
    }
  },
};

/** Who selects each pod; those who select none are reported. */
function podRivals<Policy extends AnyResource>(
  policies: readonly Policy[],
  labelsOf: (policy: Policy) => StringMap | undefined,
  path: readonly string[],
  context: AnalysisContext,
): Map<Resource, Policy[]> {
  const rivals = new Map<Resource, Policy[]>();
  for (const policy of policies) {
    const selector = labelsOf(policy);
    const pods = context
      .all('Pod')
      .filter(
        ({ namespace, labels }) => namespace === policy.namespace && selects(selector, labels),
      );
    for (const pod of pods) rivals.set(pod, [...(rivals.get(pod) ?? []), policy]);
    if (pods.length > 0) continue;
    const words = ['selector', selectorText(selector)];
    const where = [...path, firstLabel(selector) ?? ''];
    context.report('ReferencedResourceNotFound', policy, words, where);
  }
  return rivals;
}

function reportRivals(
  name: 'ConflictingSidecarWorkloadSelectors' | 'ConflictingTelemetryWorkloadSelectors',
  policy: AnyResource,
  rivals: readonly AnyResource[],
  pod: Resource,
  context: AnalysisContext,
): void {
  const words = [namesOf(rivals), pod.namespace, pod.name];
  context.report(name, policy, words, ['metadata', 'name']);
}

function byNamespace<Policy extends AnyResource>(
  policies: readonly Policy[],
): Map<string, Policy[]> {
  const groups = new Map<string, Policy[]>();
  for (const policy of policies)
    groups.set(policy.namespace, [...(groups.get(policy.namespace) ?? []), policy]);
  return groups;
}

function namesOf(policies: readonly AnyResource[]): string[] {
  return policies.map(({ name }) => name).sort();
}
