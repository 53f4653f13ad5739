/**
 * AuthorizationPolicies that hold nowhere, or name namespaces that do not exist.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0127/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import type { AuthorizationPolicySpec } from '../../kinds/authorization-policy.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { selects, selectorText } from '../label-selector.ts';
import { isPodAmbient, isPodInMesh } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

type Policy = Resource<AuthorizationPolicySpec>;
type PodsByNamespace = ReadonlyMap<string, readonly StringMap[]>;

export const authorizationPoliciesAnalyzer: Analyzer = {
  name: 'authz.AuthorizationPoliciesAnalyzer',
  run(context) {
    const pods = meshPods(context);
    for (const policy of context.all('AuthorizationPolicy')) {
      checkWorkloads(policy, pods, context);
      checkNamespaces(policy, context);
    }
  },
};

function checkWorkloads(policy: Policy, pods: PodsByNamespace, context: AnalysisContext): void {
  const { namespace, spec } = policy;
  const selector = spec.selector;
  const isMeshWide = namespace === context.meshConfig.rootNamespace;
  if (isMeshWide && !selector) return;
  const candidates = isMeshWide ? [...pods.values()].flat() : (pods.get(namespace) ?? []);
  if (candidates.some((labels) => selects(selector?.matchLabels, labels))) return;
  const words = [selectorText(selector?.matchLabels)];
  context.report('NoMatchingWorkloadsFound', policy, words, selector ? ['spec', 'selector'] : []);
}

function checkNamespaces(policy: Policy, context: AnalysisContext): void {
  const names = context.all('Namespace').map(({ name }) => name);
  policy.spec.rules?.forEach((rule, index) =>
    rule.from?.forEach(({ source }, at) => {
      for (const field of ['namespaces', 'notNamespaces'] as const)
        source?.[field]?.forEach((pattern, place) => {
          if (names.some((name) => namespaceMatches(name, pattern))) return;
          const path = ['spec', 'rules', index, 'from', at, 'source', field, place];
          context.report('ReferencedResourceNotFound', policy, ['namespace', pattern], path);
        });
    }),
  );
}

function namespaceMatches(name: string, pattern: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name.toLowerCase() === pattern.toLowerCase();
}

function meshPods(context: AnalysisContext): PodsByNamespace {
  const pods = new Map<string, StringMap[]>();
  for (const pod of context.all('Pod')) {
    if (!isPodInMesh(pod, context) && !isPodAmbient(pod)) continue;
    pods.set(pod.namespace, [...(pods.get(pod.namespace) ?? []), pod.labels]);
  }
  return pods;
}
