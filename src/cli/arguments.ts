/** What a person typed after the command's name: flags, positionals, and the words after "--". */
import { CommandFailure } from './failure.ts';

export interface FlagSpec {
  /** switch: --x; value: --x TEXT; number: --x 5; list: --x A --x B, or --x A,B. */
  readonly kind: 'switch' | 'value' | 'number' | 'list';
  /** Stands for the value in the help: "FILE". */
  readonly value?: string;
  readonly help: string;
}

export interface ArgumentsSpec<F extends Readonly<Record<string, FlagSpec>>> {
  /** "validate" */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** "validate PATH… [--unknown-fields ignore]" */
  readonly usage: string;
  readonly example: string;
  readonly flags: F;
  /** How many positionals there must be; default any number. */
  readonly positionals?: { readonly min?: number; readonly max?: number };
}

type ValueOf<K extends FlagSpec['kind']> = K extends 'switch'
  ? boolean
  : K extends 'number'
    ? number | undefined
    : K extends 'list'
      ? readonly string[]
      : string | undefined;

export interface Arguments<F extends Readonly<Record<string, FlagSpec>>> {
  readonly positionals: readonly string[];
  /** By flag name; an absent switch is false, an absent list empty. */
  readonly flags: { readonly [N in keyof F]: ValueOf<F[N]['kind']> };
  /** What stands after the first "--", as it is. */
  readonly rest: readonly string[];
}

/** Reads `args` as `spec` says; throws a CommandFailure for an unknown flag or a missing value. */
export function parseArguments<F extends Readonly<Record<string, FlagSpec>>>(
  args: readonly string[],
  spec: ArgumentsSpec<F>,
): Arguments<F> {
  const end = args.indexOf('--');
  const words = end < 0 ? [...args] : args.slice(0, end);
  const flags = emptyFlags(spec.flags);
  const positionals: string[] = [];
  while (words.length > 0) {
    const word = words.shift()!;
    if (!word.startsWith('-') || word === '-') positionals.push(word);
    else readFlag(word, words, spec, flags);
  }
  checkCount(positionals.length, spec);
  return {
    positionals,
    flags: flags as Arguments<F>['flags'],
    rest: end < 0 ? [] : args.slice(end + 1),
  };
}

/** What --help prints. */
export function helpText<F extends Readonly<Record<string, FlagSpec>>>(
  spec: ArgumentsSpec<F>,
): string {
  const rows = Object.entries(spec.flags).map(([name, flag]): [string, string] => [
    flag.kind === 'switch' ? `--${name}` : `--${name} ${flag.value ?? 'VALUE'}`,
    flag.help,
  ]);
  rows.push(['--help', 'prints this']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const list = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
  return `${spec.summary}\n\n  mesh ${spec.usage}\n\n${list}\n\nExample:\n\n  ${spec.example}\n`;
}

type FlagValues = Record<string, boolean | number | string | readonly string[] | undefined>;

function emptyFlags(specs: Readonly<Record<string, FlagSpec>>): FlagValues {
  const flags: FlagValues = {};
  for (const [name, { kind }] of Object.entries(specs))
    flags[name] = kind === 'switch' ? false : kind === 'list' ? [] : undefined;
  return flags;
}

function readFlag(
  word: string,
  following: string[],
  spec: ArgumentsSpec<Readonly<Record<string, FlagSpec>>>,
  flags: FlagValues,
): void {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const flag = Object.hasOwn(spec.flags, name) ? spec.flags[name] : undefined;
  if (!word.startsWith('--') || !flag) throw unknownFlag(word, spec.name);
  if (flag.kind === 'switch') {
    if (equals >= 0 && !/=(true|false)$/.test(word))
      throw new CommandFailure(`--${name} takes no value (try: mesh ${spec.name} --help)`);
    flags[name] = !word.endsWith('=false');
    return;
  }
  const value = equals < 0 ? following.shift() : word.slice(equals + 1);
  if (value === undefined)
    throw new CommandFailure(`--${name} needs a value: --${name} ${flag.value ?? 'VALUE'}`);
  if (flag.kind === 'list')
    flags[name] = [...(flags[name] as readonly string[]), ...value.split(',').filter(Boolean)];
  else flags[name] = flag.kind === 'number' ? readNumber(name, value) : value;
}

function readNumber(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number))
    throw new CommandFailure(`--${name} needs a number, not "${value}"`);
  return number;
}

function unknownFlag(word: string, command: string): CommandFailure {
  return new CommandFailure(`unknown flag ${word} (try: mesh ${command} --help)`);
}

function checkCount(
  count: number,
  { name, usage, positionals }: ArgumentsSpec<Readonly<Record<string, FlagSpec>>>,
): void {
  if (count < (positionals?.min ?? 0))
    throw new CommandFailure(`${name} needs more arguments: mesh ${usage}`);
  if (count > (positionals?.max ?? Infinity))
    throw new CommandFailure(`${name} takes fewer arguments: mesh ${usage}`);
}
