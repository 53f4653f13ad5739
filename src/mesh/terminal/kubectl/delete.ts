/**
 * Models `kubectl delete`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_delete/. Simplified: it does
 * not wait until the objects are gone.
 */
import { kubectlWords, notFound } from '../../../kube/api/api-error.ts';
import type { DeleteOptions } from '../../../kube/api-server.ts';
import { kindOf, type KindDefinition } from '../../../kube/objects/kinds.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import { objectOf } from '../../../kube/yaml/documents.ts';
import { manifests } from './apply.ts';
import { flagOf, isSet, type ParsedArguments } from './arguments.ts';
import { named, namespaceOf, select, singular, type Selection } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld } from './world.ts';

const FORCE_WARNING =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.';

export function remove(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const selections =
    parsed.flags.get('filename') === undefined
      ? selected(parsed, world)
      : selectedByFiles(parsed, world);
  const force = isSet(parsed, 'force');
  const options = deleteOptions(parsed);
  const lines: string[] = force ? [FORCE_WARNING] : [];
  const errors = selections.flatMap((selection) => selection.errors);
  for (const { definition, objects } of selections)
    for (const { metadata } of objects) {
      const result = world.api.delete(
        definition.id,
        metadata.namespace ?? '',
        metadata.name,
        options,
      );
      if (!result.ok) errors.push(kubectlWords(result.error));
      else lines.push(said(definition, metadata.name, parsed));
    }
  if (lines.length + errors.length === 0) lines.push('No resources found');
  return { output: [...lines, ...errors].join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

function said(definition: KindDefinition, name: string, parsed: ParsedArguments): string {
  if (flagOf(parsed, 'output') === 'name') return named(definition, name);
  return `${singular(definition)} "${name}" ${isSet(parsed, 'force') ? 'force deleted' : 'deleted'}`;
}

function selected(parsed: ParsedArguments, world: KubectlWorld): Selection[] {
  const { words } = parsed;
  const isNamed = words.length > 1 || words.some((word) => word.includes('/'));
  const isNarrowed = flagOf(parsed, 'selector') !== undefined || isSet(parsed, 'all');
  if (words.length > 0 && !isNamed && !isNarrowed)
    fail('error: resource(s) were provided, but no name was specified');
  return select(words, parsed, world);
}

function selectedByFiles(parsed: ParsedArguments, world: KubectlWorld): Selection[] {
  return manifests(parsed, world).flatMap((document): Selection[] => {
    const object = objectOf(document);
    const definition = object && kindOf(object);
    if (!object || !definition) return [];
    const namespace = definition.namespaced
      ? (object.metadata.namespace ?? namespaceOf(parsed, world))
      : '';
    const stored: KubeObject | undefined = world.api.get(
      definition.id,
      namespace,
      object.metadata.name,
    );
    const missing = `Error from server (NotFound): error when deleting "${document.path}": ${notFound(definition, object.metadata.name).message}`;
    const isFine = stored !== undefined || isSet(parsed, 'ignore-not-found');
    return [{ definition, objects: stored ? [stored] : [], errors: isFine ? [] : [missing] }];
  });
}

function deleteOptions(parsed: ParsedArguments): DeleteOptions {
  const given = flagOf(parsed, 'grace-period');
  const grace =
    given !== undefined && given !== '-1'
      ? Number(given)
      : isSet(parsed, 'now')
        ? 1
        : isSet(parsed, 'force')
          ? 0
          : undefined;
  if (grace === 0 && !isSet(parsed, 'force'))
    fail('error: --grace-period=0 requires --force to delete immediately');
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(flagOf(parsed, 'cascade') === 'orphan' && { cascade: 'orphan' as const }),
  };
}
