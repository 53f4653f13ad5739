/**
 * Models the short commands that change one field: `scale`, `set image`, `patch`, `cordon`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/. Simplified: every patch is a merge
 * patch, given as JSON or YAML.
 */
import { kubectlWords } from '../../../kube/api/api-error.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import type { Container, PodSpec } from '../../../kube/objects/pod.ts';
import { readDocuments } from '../../../kube/yaml/documents.ts';
import { flagOf, type ParsedArguments } from './arguments.ts';
import { named, select } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld } from './world.ts';

/** Patches everything selected; `said` is what follows the name. */
function patchAll(
  words: readonly string[],
  parsed: ParsedArguments,
  world: KubectlWorld,
  patchOf: (object: KubeObject) => unknown,
  said: (isChanged: boolean) => string,
): KubectlResult {
  const lines: string[] = [];
  const errors: string[] = [];
  for (const { definition, objects, errors: missing } of select(words, parsed, world)) {
    errors.push(...missing);
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      const result = world.api.patch(definition.id, namespace, name, patchOf(object));
      if (result.ok) lines.push(`${named(definition, name)} ${said(result.object !== object)}`);
      else errors.push(kubectlWords(result.error));
    }
  }
  return { output: [...lines, ...errors].join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

export function scale(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const text = flagOf(parsed, 'replicas');
  if (text === undefined) fail('error: required flag(s) "replicas" not set');
  const replicas = Number(text);
  if (!Number.isInteger(replicas))
    fail(
      `error: invalid argument "${text}" for "--replicas" flag: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  if (replicas < 0)
    fail(
      'error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    );
  return patchAll(
    parsed.words,
    parsed,
    world,
    () => ({ spec: { replicas } }),
    () => 'scaled',
  );
}

export function set(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const [what, ...words] = parsed.words;
  if (what !== 'image') fail(`error: unknown command "${what ?? ''}" for "kubectl set"`);
  const images = new Map(
    words
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  if (images.size === 0) fail('error: at least one image update is required');
  const targets = words.filter((word) => !word.includes('='));
  const patchOf = (object: KubeObject) => {
    const spec = object.spec as { template?: { spec: PodSpec } } & PodSpec;
    const containers = (spec.template?.spec ?? spec).containers;
    for (const name of images.keys())
      if (name !== '*' && !containers.some((container) => container.name === name))
        fail(`error: unable to find container named "${name}"`);
    const next = containers.map((container): Container => {
      const image = images.get(container.name) ?? images.get('*');
      return image === undefined ? container : { ...container, image };
    });
    const patch = { containers: next };
    return { spec: spec.template ? { template: { spec: patch } } : patch };
  };
  return patchAll(targets, parsed, world, patchOf, () => 'image updated');
}

export function patch(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const text = flagOf(parsed, 'patch');
  if (text === undefined)
    fail('error: must specify --patch or --patch-file containing the contents of the patch');
  const [document] = readDocuments(text);
  if (document?.value === undefined)
    fail(`error: unable to parse "${text}": ${document?.diagnostics[0]?.message ?? 'empty'}`);
  const said = (isChanged: boolean) => (isChanged ? 'patched' : 'patched (no change)');
  return patchAll(parsed.words, parsed, world, () => document.value, said);
}

export function cordon(
  isCordon: boolean,
  parsed: ParsedArguments,
  world: KubectlWorld,
): KubectlResult {
  if (parsed.words.length === 0) fail('error: USAGE: cordon NODE [flags]');
  const patchOf = () => ({ spec: { unschedulable: isCordon ? true : null } });
  const state = isCordon ? 'cordoned' : 'uncordoned';
  const said = (isChanged: boolean) => (isChanged ? state : `already ${state}`);
  return patchAll(['nodes', ...parsed.words], parsed, world, patchOf, said);
}
