/**
 * EnvoyFilter patches that may not do what they are meant to.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0151/ to ist0155/
 */
import type { EnvoyConfigPatch, EnvoyFilterSpec } from '../../kinds/envoy-filter.ts';
import type { MessageName } from '../catalogue.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import type { Resource } from '../resource.ts';

const NO_FILTER_LISTS = ['ROUTE_CONFIGURATION', 'HTTP_ROUTE'];
const REPLACEABLE = ['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST'];

export const envoyPatchAnalyzer: Analyzer = {
  name: 'envoyfilter.EnvoyPatchAnalyzer',
  run(context) {
    /** Names of patched filters, where a patch asks for a proxy version. */
    const versioned = new Set<string>();
    for (const filter of context.all('EnvoyFilter')) analyzePatches(filter, versioned, context);
  },
};

function analyzePatches(
  filter: Resource<EnvoyFilterSpec>,
  versioned: Set<string>,
  context: AnalysisContext,
): void {
  for (const [index, patch] of (filter.spec.configPatches ?? []).entries()) {
    if (!patch.patch) break;
    const name = filterName(patch);
    const problem = patchProblem(patch, (filter.spec.priority ?? 0) === 0, versioned.has(name));
    const path = ['spec', 'configPatches', index, 'patch'];
    if (problem) context.report(problem, filter, [], path);
    if (patch.match?.proxy?.proxyVersion) versioned.add(name);
  }
}

function patchProblem(
  { applyTo = 'INVALID', patch }: EnvoyConfigPatch,
  withoutPriority: boolean,
  nameIsVersioned: boolean,
): MessageName | undefined {
  const relative: MessageName | undefined = !withoutPriority
    ? undefined
    : nameIsVersioned
      ? 'EnvoyFilterUsesRelativeOperationWithProxyVersion'
      : 'EnvoyFilterUsesRelativeOperation';
  switch (patch?.operation) {
    case 'ADD':
      return NO_FILTER_LISTS.includes(applyTo)
        ? 'EnvoyFilterUsesAddOperationIncorrectly'
        : undefined;
    case 'REMOVE':
      return NO_FILTER_LISTS.includes(applyTo)
        ? 'EnvoyFilterUsesRemoveOperationIncorrectly'
        : relative;
    case 'REPLACE':
      return REPLACEABLE.includes(applyTo)
        ? relative
        : 'EnvoyFilterUsesReplaceOperationIncorrectly';
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return relative;
    default:
      return undefined;
  }
}

/** The patched value's name, or that of the filter matched. */
function filterName({ patch, match }: EnvoyConfigPatch): string {
  if (!patch?.value) return '';
  const name = patch.value['name'];
  if (name !== undefined) return JSON.stringify(name);
  return match?.listener?.filterChain?.filter?.name ?? '';
}
