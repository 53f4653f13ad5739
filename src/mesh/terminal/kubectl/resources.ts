/**
 * Models how kubectl finds what a person names: `pods`, `pod/web`, `deploy,svc`, `-l app=web`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/#resource-types
 */
import { notFound } from '../../../kube/api/api-error.ts';
import { kubectlWords } from '../../../kube/api/api-error.ts';
import { matchesSelector, parseSelector } from '../../../kube/labels/selector.ts';
import { kindByName, kindById, type KindDefinition } from '../../../kube/objects/kinds.ts';
import type { KubeObject, LabelSelector } from '../../../kube/objects/metadata.ts';
import { endpointsIn } from './endpoints.ts';
import { flagOf, isSet, type ParsedArguments } from './arguments.ts';
import { fail, type KubectlWorld } from './world.ts';

/** Objects of one kind that a command is about. */
export interface Selection {
  readonly definition: KindDefinition;
  readonly objects: readonly KubeObject[];
  /** Names that do not exist, as kubectl says so. */
  readonly errors: readonly string[];
}

/** What `get all` means. */
const ALL = ['Pod', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'Job'];

export function namespaceOf(parsed: ParsedArguments, world: KubectlWorld): string {
  return flagOf(parsed, 'namespace') ?? world.namespace;
}

export function definitionOf(name: string): KindDefinition {
  return kindByName(name) ?? fail(`error: the server doesn't have a resource type "${name}"`);
}

/** The kinds of "deploy,svc" or "all". */
export function definitionsOf(text: string): KindDefinition[] {
  return text
    .split(',')
    .flatMap((name) => (name === 'all' ? ALL.map((id) => kindById(id)!) : [definitionOf(name)]));
}

/** What the words after the verb select. Without a name: all of the kind, narrowed by `-l`. */
export function select(
  words: readonly string[],
  parsed: ParsedArguments,
  world: KubectlWorld,
): Selection[] {
  const [first, ...names] = words;
  if (first === undefined) return fail(resourceRequired());
  if (words.some((word) => word.includes('/')))
    return words.map((word) => one(word, parsed, world));
  const definitions = definitionsOf(first);
  if (names.length === 0) {
    const selector = selectorOf(parsed);
    return definitions.map((definition) => ({
      definition,
      objects: listOf(definition, selector, parsed, world),
      errors: [],
    }));
  }
  if (isSet(parsed, 'all-namespaces'))
    fail('error: a resource cannot be retrieved by name across all namespaces');
  if (flagOf(parsed, 'selector') !== undefined)
    fail('error: selectors and the all flag cannot be used when passing resource/name arguments');
  return definitions.map((definition) => byName(definition, names, parsed, world));
}

/** "pod/web". */
function one(word: string, parsed: ParsedArguments, world: KubectlWorld): Selection {
  const [kind = '', name = ''] = word.split('/');
  if (!kind || !name || word.split('/').length > 2)
    fail(`error: arguments in resource/name form must have a single resource and name`);
  return byName(definitionOf(kind), [name], parsed, world);
}

function byName(
  definition: KindDefinition,
  names: readonly string[],
  parsed: ParsedArguments,
  world: KubectlWorld,
): Selection {
  const namespace = definition.namespaced ? namespaceOf(parsed, world) : '';
  const objects: KubeObject[] = [];
  const errors: string[] = [];
  for (const name of names) {
    const object = find(definition, namespace, name, world);
    if (object) objects.push(object);
    else if (!isSet(parsed, 'ignore-not-found'))
      errors.push(kubectlWords(notFound(definition, name)));
  }
  return { definition, objects, errors };
}

/** Endpoints are derived, everything else is stored. */
function find(
  { id }: KindDefinition,
  namespace: string,
  name: string,
  { api }: KubectlWorld,
): KubeObject | undefined {
  if (id !== 'Endpoints') return api.get(id, namespace, name);
  return endpointsIn(api, namespace).find(({ metadata }) => metadata.name === name);
}

function selectorOf(parsed: ParsedArguments): LabelSelector | undefined {
  const text = flagOf(parsed, 'selector');
  if (text === undefined) return undefined;
  const parsedSelector = parseSelector(text);
  return 'error' in parsedSelector
    ? fail(`error: ${parsedSelector.error}`)
    : parsedSelector.selector;
}

/** By namespace and name, as the API server lists them. */
function listOf(
  definition: KindDefinition,
  selector: LabelSelector | undefined,
  parsed: ParsedArguments,
  world: KubectlWorld,
): KubeObject[] {
  const everywhere = isSet(parsed, 'all-namespaces') || !definition.namespaced;
  const namespace = everywhere ? undefined : namespaceOf(parsed, world);
  const objects: KubeObject[] =
    definition.id === 'Endpoints'
      ? endpointsIn(world.api, namespace).filter(
          ({ metadata }) => !selector || matchesSelector(selector, metadata.labels),
        )
      : world.api.list(definition.id, {
          ...(namespace !== undefined && { namespace }),
          ...(selector && { selector }),
        });
  const key = ({ metadata }: KubeObject) => `${metadata.namespace ?? ''}/${metadata.name}`;
  return objects.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function resourceRequired(): string {
  return [
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.',
    '',
    'error: Required resource not specified.',
    'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    "See 'kubectl get -h' for help and examples",
  ].join('\n');
}

/** "pod", "deployment.apps": how success messages name a kind. */
export function singular(definition: KindDefinition): string {
  const kind = definition.kind.toLowerCase();
  return definition.group ? `${kind}.${definition.group}` : kind;
}

/** "deployment.apps/web". */
export function named(definition: KindDefinition, name: string): string {
  return `${singular(definition)}/${name}`;
}
