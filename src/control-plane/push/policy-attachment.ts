/**
 * Models whether a policy is about a workload: by its selector, or by the Gateway it names.
 *
 * Spec: istio pilot/pkg/model/policyattachment.go, ShouldAttachPolicy.
 */
import type { IstioObject } from '../../istio/kinds/istio-object.ts';
import type { PolicyTargetReference, WorkloadSelector } from '../../istio/kinds/selector.ts';
import { namespaceOf, selects } from '../config.ts';
import type { Proxy } from '../proxy.ts';

export interface AttachableSpec {
  readonly selector?: WorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
}

export const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';

export function attaches(policy: IstioObject<AttachableSpec>, { node }: Proxy): boolean {
  const { selector, targetRef, targetRefs } = policy.spec;
  const references = targetRefs?.length ? targetRefs : targetRef ? [targetRef] : [];
  if (references.length === 0) return selects(selector?.matchLabels, node.labels);
  const gateway = node.labels[GATEWAY_NAME_LABEL];
  return references.some(
    ({ kind, name, namespace }) =>
      kind === 'Gateway' &&
      name === gateway &&
      (namespace ?? namespaceOf(policy)) === node.namespace,
  );
}

/** Of the root namespace first, then of the workload's own; oldest first in each. */
export function policiesFor<Policy extends IstioObject<AttachableSpec>>(
  proxy: Proxy,
  policies: readonly Policy[],
): Policy[] {
  const { rootNamespace } = proxy.push.mesh;
  const namespaces = [...new Set([rootNamespace, proxy.node.namespace])];
  return namespaces.flatMap((namespace) =>
    policies.filter((it) => namespaceOf(it) === namespace && attaches(it, proxy)),
  );
}
