/**
 * Models kubectl: a command line against the API server, answered in kubectl's words.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/ of Kubernetes 1.33. Simplified: nothing waits
 * or watches; `exec` hands its command back to whoever asked.
 */
import { KINDS, type KindDefinition } from '../../../kube/objects/kinds.ts';
import { apiVersionOf } from '../../../kube/objects/kinds.ts';
import { alignColumns } from '../table.ts';
import { applyFiles, create } from './apply.ts';
import { flagOf, isSet, parseArguments, VERBS, type ParsedArguments } from './arguments.ts';
import { cordon, patch, scale, set } from './change.ts';
import { exec, logs } from './containers.ts';
import { remove } from './delete.ts';
import { describe } from './describe.ts';
import { get } from './get.ts';
import { label } from './label.ts';
import { rollout } from './rollout.ts';
import { failed, KubectlFailure, printed, type KubectlResult, type KubectlWorld } from './world.ts';

export type { ExecRequest, KubectlResult, KubectlWorld, ManifestFile } from './world.ts';

type Verb = (parsed: ParsedArguments, world: KubectlWorld) => KubectlResult;

const COMMANDS: Readonly<Record<string, Verb>> = {
  get,
  describe,
  create,
  logs,
  exec,
  scale,
  set,
  patch,
  rollout,
  apply: (parsed, world) => applyFiles('apply', parsed, world),
  delete: remove,
  label: (parsed, world) => label('labels', parsed, world),
  annotate: (parsed, world) => label('annotations', parsed, world),
  cordon: (parsed, world) => cordon(true, parsed, world),
  uncordon: (parsed, world) => cordon(false, parsed, world),
  'api-resources': apiResources,
  version: () =>
    printed('Client Version: v1.33.1\nKustomize Version: v5.6.0\nServer Version: v1.33.1'),
};

/** Runs what follows the word "kubectl". Never throws on what a person typed. */
export function runKubectl(args: readonly string[], world: KubectlWorld): KubectlResult {
  try {
    const { verb, rest } = findVerb(args);
    if (verb === undefined) return printed(usage());
    const command = COMMANDS[verb];
    if (!command)
      return failed(
        `error: unknown command "${verb}" for "kubectl"\n\nThis kubectl knows: ${VERBS.join(', ')}.`,
      );
    const parsed = parseArguments(verb, rest);
    if (isSet(parsed, 'watch'))
      return failed(
        'error: --watch is not available here: run the command again to see what changed',
      );
    return command(parsed, world);
  } catch (error) {
    if (error instanceof KubectlFailure) return failed(error.message);
    throw error;
  }
}

/** The verb may stand behind global flags: `kubectl -n shop get pods`. */
function findVerb(args: readonly string[]): { verb: string | undefined; rest: string[] } {
  const before: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!arg.startsWith('-')) return { verb: arg, rest: [...before, ...args.slice(at + 1)] };
    before.push(arg);
    if (/^(-n|--namespace|--context)$/.test(arg) && at + 1 < args.length) before.push(args[++at]!);
  }
  return { verb: undefined, rest: before };
}

function usage(): string {
  return [
    'kubectl controls the Kubernetes cluster manager.',
    '',
    `Commands here: ${VERBS.join(', ')}.`,
    '',
    'Usage:\n  kubectl [flags] [options]',
  ].join('\n');
}

function apiResources(parsed: ParsedArguments): KubectlResult {
  const group = flagOf(parsed, 'api-group');
  const row = (definition: KindDefinition) => [
    definition.plural,
    definition.shortNames.join(','),
    apiVersionOf(definition),
    String(definition.namespaced),
    definition.kind,
  ];
  const rows = KINDS.filter((definition) => group === undefined || definition.group === group).map(
    row,
  );
  const head = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];
  return printed(alignColumns(isSet(parsed, 'no-headers') ? rows : [head, ...rows], 3));
}
