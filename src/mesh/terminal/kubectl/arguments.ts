/**
 * Models how kubectl reads its command line: flags anywhere, long and short, and what follows `--`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/
 */
import { fail } from './world.ts';

export interface FlagDefinition {
  readonly name: string;
  readonly short?: string;
  /** A switch takes a value only as `--name=value`. */
  readonly isSwitch?: boolean;
}

export interface ParsedArguments {
  readonly words: readonly string[];
  /** Values by long name, in the order given; a switch has 'true'. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** What follows `--`. */
  readonly rest: readonly string[] | undefined;
}

const flag = (name: string, short?: string): FlagDefinition => ({ name, ...(short && { short }) });
const toggle = (name: string, short?: string): FlagDefinition => ({
  ...flag(name, short),
  isSwitch: true,
});

const COMMON = [flag('namespace', 'n'), flag('context'), flag('request-timeout')];
const SELECTING = [flag('selector', 'l'), toggle('all'), flag('field-selector')];
const FILES = [
  flag('filename', 'f'),
  toggle('recursive', 'R'),
  flag('dry-run'),
  flag('output', 'o'),
];

/** Flags of each verb; `rollout restart` and the like share their verb's. */
const FLAGS: Readonly<Record<string, readonly FlagDefinition[]>> = {
  get: [
    ...SELECTING,
    ...[flag('output', 'o'), flag('filename', 'f'), flag('sort-by'), flag('chunk-size')],
    ...[toggle('all-namespaces', 'A'), toggle('show-labels'), toggle('no-headers')],
    ...[toggle('ignore-not-found'), flag('label-columns', 'L'), toggle('watch', 'w')],
  ],
  describe: [...SELECTING, toggle('all-namespaces', 'A'), flag('filename', 'f')],
  apply: [
    ...FILES,
    flag('validate'),
    toggle('server-side'),
    toggle('force'),
    flag('selector', 'l'),
  ],
  create: [...FILES, flag('validate')],
  delete: [
    ...SELECTING,
    ...[flag('filename', 'f'), flag('grace-period'), flag('cascade'), flag('timeout')],
    ...[toggle('force'), toggle('now'), toggle('ignore-not-found'), toggle('wait')],
    ...[toggle('all-namespaces', 'A'), flag('output', 'o'), flag('dry-run')],
  ],
  label: [...SELECTING, toggle('overwrite'), toggle('list')],
  annotate: [...SELECTING, toggle('overwrite'), toggle('list')],
  scale: [...SELECTING, flag('replicas'), flag('current-replicas'), flag('timeout')],
  rollout: [
    ...[flag('to-revision'), flag('revision'), flag('timeout'), flag('selector', 'l')],
    toggle('watch', 'w'),
  ],
  set: SELECTING,
  patch: [flag('patch', 'p'), flag('type')],
  logs: [
    ...[flag('container', 'c'), flag('tail'), flag('since'), flag('selector', 'l')],
    ...[toggle('follow', 'f'), toggle('previous', 'p'), toggle('all-containers')],
    ...[toggle('prefix'), toggle('timestamps')],
  ],
  exec: [flag('container', 'c'), toggle('stdin', 'i'), toggle('tty', 't'), toggle('quiet', 'q')],
  cordon: [],
  uncordon: [],
  'api-resources': [toggle('no-headers'), flag('api-group')],
  version: [toggle('client'), flag('output', 'o')],
};

/** Verbs this kubectl knows. */
export const VERBS: readonly string[] = Object.keys(FLAGS);

/** Reads what follows the verb. A flag kubectl does not know ends the command in its words. */
export function parseArguments(verb: string, args: readonly string[]): ParsedArguments {
  const definitions = [...COMMON, ...(FLAGS[verb] ?? [])];
  const words: string[] = [];
  const flags = new Map<string, string[]>();
  const add = ({ name }: FlagDefinition, value: string) => {
    const values = flags.get(name);
    if (values) values.push(value);
    else flags.set(name, [value]);
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') return { words, flags, rest: args.slice(at + 1) };
    if (arg === '-' || !arg.startsWith('-')) {
      words.push(arg);
      continue;
    }
    for (const { definition, value } of readFlag(verb, arg, definitions)) {
      if (value !== undefined) add(definition, value);
      else if (definition.isSwitch) add(definition, 'true');
      else if (at + 1 < args.length) add(definition, args[++at]!);
      else fail(`error: flag needs an argument: ${needing(arg, definition)}\n${see(verb)}`);
    }
  }
  return { words, flags, rest: undefined };
}

/** One argument may hold several short switches (`-it`) or a flag and its value (`-nx`, `--n=x`). */
function readFlag(
  verb: string,
  arg: string,
  definitions: readonly FlagDefinition[],
): { definition: FlagDefinition; value: string | undefined }[] {
  if (arg.startsWith('--')) {
    const [name = '', ...value] = arg.slice(2).split('=');
    const definition = definitions.find((candidate) => candidate.name === name);
    if (!definition) fail(`error: unknown flag: --${name}\n${see(verb)}`);
    return [{ definition, value: arg.includes('=') ? value.join('=') : undefined }];
  }
  const found: { definition: FlagDefinition; value: string | undefined }[] = [];
  for (let at = 1; at < arg.length; at++) {
    const definition = definitions.find((candidate) => candidate.short === arg[at]);
    if (!definition) fail(`error: unknown shorthand flag: '${arg[at]}' in ${arg}\n${see(verb)}`);
    const value = arg.slice(at + 1).replace(/^=/, '');
    if (definition.isSwitch) found.push({ definition, value: undefined });
    else return [...found, { definition, value: value || undefined }];
  }
  return found;
}

function needing(arg: string, { name, short }: FlagDefinition): string {
  return arg.startsWith('--') ? `--${name}` : `'${short}' in ${arg}`;
}

function see(verb: string): string {
  return `See 'kubectl ${verb} --help' for usage.`;
}

/** The last value of a flag. */
export function flagOf(parsed: ParsedArguments, name: string): string | undefined {
  return parsed.flags.get(name)?.at(-1);
}

export function isSet(parsed: ParsedArguments, name: string): boolean {
  return flagOf(parsed, name) === 'true';
}
