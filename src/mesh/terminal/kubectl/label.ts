/**
 * Models `kubectl label` and `kubectl annotate`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_label/
 */
import { kubectlWords } from '../../../kube/api/api-error.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import { isSet, type ParsedArguments } from './arguments.ts';
import { named, select } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld } from './world.ts';

/** Values by key; null takes the key away. */
type Changes = Readonly<Record<string, string | null>>;

export function label(
  field: 'labels' | 'annotations',
  parsed: ParsedArguments,
  world: KubectlWorld,
): KubectlResult {
  const isChange = (word: string) => /^[^=]+=/.test(word) || /[^/]-$/.test(word);
  const words = parsed.words.filter((word) => !isChange(word));
  const changes = changesOf(parsed.words.filter(isChange));
  if (Object.keys(changes).length === 0)
    fail(`error: at least one ${field === 'labels' ? 'label' : 'annotation'} update is required`);
  const lines: string[] = [];
  const errors: string[] = [];
  for (const { definition, objects, errors: missing } of select(words, parsed, world)) {
    errors.push(...missing);
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      const taken = isSet(parsed, 'overwrite') ? undefined : alreadySet(object, field, changes);
      if (taken) {
        errors.push(taken);
        continue;
      }
      const patch = { metadata: { [field]: changes } };
      const result = world.api.patch(definition.id, namespace, name, patch);
      if (result.ok)
        lines.push(`${named(definition, name)} ${word(field, object, result.object, changes)}`);
      else errors.push(kubectlWords(result.error));
    }
  }
  return { output: [...lines, ...errors].join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

function changesOf(words: readonly string[]): Changes {
  const changes: Record<string, string | null> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals > 0) changes[word.slice(0, equals)] = word.slice(equals + 1);
    else changes[word.slice(0, -1)] = null;
  }
  return changes;
}

function alreadySet(
  object: KubeObject,
  field: 'labels' | 'annotations',
  changes: Changes,
): string | undefined {
  for (const [key, value] of Object.entries(changes)) {
    const old = object.metadata[field]?.[key];
    if (value !== null && old !== undefined && old !== value)
      return `error: '${key}' already has a value (${old}), and --overwrite is false`;
  }
  return undefined;
}

function word(
  field: 'labels' | 'annotations',
  old: KubeObject,
  next: KubeObject,
  changes: Changes,
): string {
  if (field === 'annotations') return 'annotated';
  if (old === next) return 'not labeled';
  return Object.values(changes).every((value) => value === null) ? 'unlabeled' : 'labeled';
}
