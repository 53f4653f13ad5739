/**
 * Selectors and target references: where a policy holds.
 * Spec: https://istio.io/latest/docs/reference/config/type/workload-selector/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  NetworkingWorkloadSelector,
  PolicyTargetReference,
  WorkloadSelector,
} from '../kinds/selector.ts';
import { eachEntry, eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';

export interface PolicyAttachment {
  readonly selector?: WorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
}

/** group/kind of what may be referred to, beside how istiod names each. */
const TARGETS = new Map([
  ['core/Service', 'core/v1/Service'],
  ['networking.istio.io/ServiceEntry', 'networking.istio.io/v1/ServiceEntry'],
  ['gateway.networking.k8s.io/Gateway', 'gateway.networking.k8s.io/v1/Gateway'],
  ['gateway.networking.k8s.io/GatewayClass', 'gateway.networking.k8s.io/v1/GatewayClass'],
]);
const WITHOUT_LABELS = 'workload selector specified without labels';

export function validateAttachment(spec: PolicyAttachment, findings: Findings): void {
  const { selector, targetRef, targetRefs } = spec;
  const set = [selector, targetRef, targetRefs?.length ? targetRefs : undefined];
  if (set.filter(Boolean).length > 1)
    findings.error(['spec'], 'only one of targetRefs or workloadSelector can be set');
  validateSelector(selector, ['spec', 'selector'], findings);
  if (targetRef) validateTarget(targetRef, ['spec', 'targetRef'], findings);
  eachItem(targetRefs, ['spec', 'targetRefs'], findings, undefined, (target, at) =>
    validateTarget(target, at, findings),
  );
}

export function validateSelector(
  selector: WorkloadSelector | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!selector) return;
  const labels = selector.matchLabels ?? {};
  validateSelectorLabels(labels, [...path, 'matchLabels'], findings);
  if (Object.keys(labels).length === 0) findings.warn(path, WITHOUT_LABELS);
}

/**
 * The selector of networking kinds. `owner` says whose it is, in the words of the warning; returns
 * whether validation may go on.
 */
export function validateNetworkingSelector(
  selector: NetworkingWorkloadSelector | undefined | null,
  findings: Findings,
  owner: string,
): boolean {
  if (!selector) return true;
  const path = ['spec', 'workloadSelector'];
  const labels = selector.labels ?? {};
  const before = findings.errors.length;
  validateSelectorLabels(labels, [...path, 'labels'], findings);
  if (findings.errors.length > before) return false;
  if (Object.keys(labels).length === 0)
    findings.warn(
      path,
      `${owner}: ${WITHOUT_LABELS}, will be applied to all services in namespace`,
    );
  return true;
}

function validateSelectorLabels(
  labels: Readonly<Record<string, string>>,
  path: ValuePath,
  findings: Findings,
): void {
  eachEntry(labels, path, (value, at, key) => {
    if (key === '')
      findings.error(at, `empty key is not supported in selector: ${quoted(`${key}=${value}`)}`);
    if (key.includes('*') || value.includes('*'))
      findings.error(at, `wildcard is not supported in selector: ${quoted(`${key}=${value}`)}`);
  });
}

function validateTarget(target: PolicyTargetReference, path: ValuePath, findings: Findings): void {
  if (!target.name) findings.error([...path, 'name'], 'targetRef name must be set');
  if (target.namespace)
    findings.error(
      [...path, 'namespace'],
      'targetRef namespace must not be set; cross namespace referencing is not supported',
    );
  const group = target.group ?? '';
  if (!TARGETS.has(`${group || 'core'}/${target.kind}`))
    findings.error(
      path,
      `targetRef must be to one of [${[...TARGETS.values()].join(' ')}] but was ${group}/${target.kind ?? ''}`,
    );
}
