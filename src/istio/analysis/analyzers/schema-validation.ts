/**
 * What istiod's webhook says about each Istio object, annotations aside.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0106/, ist0130/, ist0131/, ist0133/
 */
import { SERVED_KINDS, type IstioKind } from '../../kinds/kinds.ts';
import { admissionFindings } from '../../validation/admission.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';

export const schemaValidationAnalyzers: readonly Analyzer[] = SERVED_KINDS.map(({ kind }) => ({
  name: `schema.ValidationAnalyzer.${kind}`,
  run: (context: AnalysisContext) => validateKind(kind, context),
}));

function validateKind(kind: IstioKind, context: AnalysisContext): void {
  for (const resource of context.all(kind)) {
    const { name, namespace, spec } = resource;
    const { errors, warnings } = admissionFindings(kind, spec, { name, namespace });
    for (const { message, path } of errors)
      context.report('SchemaValidationError', resource, [message], path);
    for (const { message, path, analysis } of warnings) {
      if (analysis) context.report(analysis.name, resource, analysis.parameters, path);
      else context.report('SchemaWarning', resource, [message], path);
    }
  }
}
