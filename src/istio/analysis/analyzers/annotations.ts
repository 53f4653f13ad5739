/**
 * Istio's annotations on Kubernetes objects: unknown, deprecated, misplaced, with a wrong value.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0107/, ist0108/, ist0125/, ist0135/
 */
import type { AnalysisContext, Analyzer } from '../context.ts';
import {
  annotationValueProblem,
  isIstioName,
  istioAnnotation,
  WRITTEN_BY_ISTIO,
} from '../istio-annotations.ts';
import { podSpec } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

const KINDS = ['Namespace', 'Service', 'Pod', 'Deployment'];
const INJECT = 'sidecar.istio.io/inject';
/** The injector writes these where there is no init container to do their work. */
const WRITTEN_WITH_CNI = [
  'sidecar.istio.io/interceptionMode',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
];

export const annotationsAnalyzer: Analyzer = {
  name: 'annotations.K8sAnalyzer',
  run(context) {
    for (const resource of KINDS.flatMap((kind) => context.all(kind) as Resource[]))
      for (const name of Object.keys(resource.annotations))
        if (isIstioName(name) && !WRITTEN_BY_ISTIO.has(name))
          checkAnnotation(resource, name, context);
  },
};

/** Not among the analyzers that run by default. */
export const alphaAnnotationsAnalyzer: Analyzer = {
  name: 'maturity.AlphaAnalyzer',
  run(context) {
    for (const resource of KINDS.flatMap((kind) => context.all(kind) as Resource[])) {
      const ignored =
        resource.kind === 'Pod' && !hasInitContainer(resource) ? WRITTEN_WITH_CNI : [];
      for (const name of Object.keys(resource.annotations)) {
        const isAlpha = isIstioName(name) && istioAnnotation(name)?.stage === 'Alpha';
        if (!isAlpha || WRITTEN_BY_ISTIO.has(name) || ignored.includes(name)) continue;
        context.report('AlphaAnnotation', resource, [name], ['metadata', 'annotations', name]);
      }
    }
  },
};

function checkAnnotation(resource: Resource, name: string, context: AnalysisContext): void {
  const path = ['metadata', 'annotations', name];
  const annotation = istioAnnotation(name);
  if (!annotation) {
    context.report('UnknownAnnotation', resource, [name], path);
    return;
  }
  const isKnownToUser = name === INJECT && resource.labels[INJECT] !== undefined;
  if (annotation.deprecated && !isKnownToUser) {
    const instead = name === INJECT ? ` in favor of the "${INJECT}" label` : '';
    context.report('DeprecatedAnnotation', resource, [name, instead], path);
  }
  if (annotation.kinds.includes('Any')) return;
  if (!annotation.kinds.includes(resource.kind)) {
    const words = [name, annotation.kinds.join(', ')];
    context.report('MisplacedAnnotation', resource, words, path);
    return;
  }
  const problem = annotationValueProblem(name, resource.annotations[name] ?? '');
  if (problem !== undefined) context.report('InvalidAnnotation', resource, [name, problem], path);
}

function hasInitContainer(pod: Resource): boolean {
  return (podSpec(pod).initContainers ?? []).some(({ name }) => name === 'istio-init');
}
