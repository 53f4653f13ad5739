/**
 * exportTo: which namespaces see a resource.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/ (`exportTo`)
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import { isDnsLabel } from './dns-label.ts';
import type { Findings } from './findings.ts';

export interface ExportToOptions {
  readonly isServiceEntry?: boolean;
  readonly isDestinationRuleWithSelector?: boolean;
}

export function validateExportTo(
  exportTo: readonly string[] | undefined | null,
  path: ValuePath,
  findings: Findings,
  namespace: string,
  { isServiceEntry = false, isDestinationRuleWithSelector = false }: ExportToOptions = {},
): void {
  if (!exportTo?.length) return;
  const seen = new Set<string>();
  exportTo.forEach((entry, index) => {
    const at = [...path, index];
    const key = entry === '.' ? namespace : entry; // "." means the object's own namespace
    if (seen.has(key)) {
      findings.error(
        at,
        key === entry
          ? `duplicate entries in exportTo for entry ${entry}`
          : `duplicate entries in exportTo: . and current namespace ${namespace}`,
      );
      return;
    }
    const problem = isServiceEntry && entry === '~' ? undefined : visibilityProblem(key);
    if (problem === undefined) seen.add(key);
    else findings.error(at, problem);
  });
  if (isDestinationRuleWithSelector && seen.size > 0) {
    if (!seen.has(namespace))
      findings.error(
        path,
        'destination rule with workload selector cannot have exportTo beyond current namespace',
      );
    else if (seen.size > 1)
      findings.error(
        path,
        'destination rule with workload selector cannot have multiple entries in exportTo',
      );
  }
  if (seen.has('*') && exportTo.length > 1)
    findings.error(
      path,
      'cannot have both public (*) and non-public exportTo values for a resource',
    );
  if (seen.has('~') && exportTo.length > 1)
    findings.error(path, 'cannot export service entry to no one (~) and someone');
}

function visibilityProblem(entry: string): string | undefined {
  if (entry === '.' || entry === '*') return undefined;
  if (entry === '~') return 'exportTo ~ (none) is not allowed for Istio configuration objects';
  if (isDnsLabel(entry)) return undefined;
  return 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry';
}
