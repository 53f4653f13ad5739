/**
 * Admission of DestinationRules.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/
 */
import type { DestinationRuleSpec } from '../kinds/destination-rule.ts';
import type { ObjectContext } from './context.ts';
import { subsetNameProblem } from './destination.ts';
import { validateLabels } from './dns-label.ts';
import { wildcardNameProblem } from './domain-name.ts';
import { validateExportTo } from './export-to.ts';
import { eachItem, type Findings } from './findings.ts';
import { validateSelector } from './policy-attachment.ts';
import { validateTrafficPolicy } from './traffic-policy.ts';

export function validateDestinationRule(
  spec: DestinationRuleSpec,
  findings: Findings,
  { namespace }: ObjectContext,
): void {
  findings.check(['spec', 'host'], wildcardNameProblem(spec.host ?? ''));
  validateTrafficPolicy(spec.trafficPolicy, ['spec', 'trafficPolicy'], findings, namespace);
  const names = new Set<string>();
  eachItem(spec.subsets, ['spec', 'subsets'], findings, 'subset may not be null', (subset, at) => {
    const name = subset.name ?? '';
    if (names.has(name)) findings.error([...at, 'name'], `duplicate subset names: ${name}`);
    names.add(name);
    findings.check([...at, 'name'], subsetNameProblem(name));
    validateLabels(subset.labels, [...at, 'labels'], findings);
    findings.withoutWarnings(() =>
      validateTrafficPolicy(subset.trafficPolicy, [...at, 'trafficPolicy'], findings, namespace),
    );
  });
  validateExportTo(spec.exportTo, ['spec', 'exportTo'], findings, namespace, {
    isDestinationRuleWithSelector: Boolean(spec.workloadSelector),
  });
  validateSelector(spec.workloadSelector, ['spec', 'workloadSelector'], findings);
}
