/**
 * What the API server asks of any object's name and labels.
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
import { labelErrors, nameError } from '../../kube/api/names.ts';
import type { SchemaProblem } from './walker.ts';

type Fields = Readonly<Record<string, unknown>>;

export function metadataProblems(metadata: unknown): SchemaProblem[] {
  const fields = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as Fields;
  const name = fields['name'];
  const path = ['metadata', 'name'];
  if (typeof name !== 'string' || name === '') {
    if (typeof fields['generateName'] === 'string') return [];
    return [{ path, message: 'metadata.name: Required value: name or generateName is required' }];
  }
  const wrong = nameError('', name);
  const problems: SchemaProblem[] = wrong
    ? [{ path, message: `metadata.name: Invalid value: "${name}": ${wrong}` }]
    : [];
  const labels = fields['labels'] as Readonly<Record<string, string>> | undefined;
  for (const error of labelErrors('metadata.labels', labels ?? undefined))
    problems.push({ path: ['metadata', 'labels'], message: `${error.path}: ${error.detail}` });
  return problems;
}
