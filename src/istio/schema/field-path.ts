/** Paths as Kubernetes prints them: `spec.http[0].route`. */
import type { ValuePath } from '../../kube/yaml/documents.ts';

export function fieldPath(path: ValuePath): string {
  let text = '';
  for (const step of path)
    text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text;
}
