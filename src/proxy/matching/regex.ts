/**
 * Models Envoy's regular expressions: RE2, whole-string match, with a limit on program size.
 *
 * Patterns whose meaning and cost are the same in JavaScript run on the platform's RegExp, which is
 * twenty times faster; everything else on RE2 itself. Literals are compared.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto,
 * https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS } from 're2js';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';

/** `re2.max_program_size.error_level` of Envoy's runtime; Istio sets it to 32768. */
const PROGRAM_SIZE_MAX = 32_768;

export interface Regex {
  readonly pattern: string;
  /** Does the whole text match? */
  matches(text: string): boolean;
  /** Replaces each match; `substitution` refers to groups as \1. */
  replaceAll(text: string, substitution: string): string;
}

const LITERAL = /^(?:[\w/ :,;=@%&~<>"'!#-]|\\[.\-/])*$/;
/** No flags, look-around, back-references or repeated groups: JavaScript and RE2 agree, linearly. */
const PLAIN =
  /^(?:[\w/ :,;=@%&~<>"'!#.*+?^$|-]|\\[dDwWsS.\-/?+*|()[\]^$]|\[\^?[\w./: -]+\]|\((?!\?)|\(\?:|\)(?![*+?{]))*$/;

/** Compiles a RegexMatcher ({regex}); throws ConfigError with RE2's words. */
export function compileRegex(matcher: Message, programSizeMax = PROGRAM_SIZE_MAX): Regex {
  return regexOf(matcher.text('regex'), programSizeMax);
}

export function regexOf(pattern: string, programSizeMax = PROGRAM_SIZE_MAX): Regex {
  const compiled = compileRe2(pattern);
  const size = compiled.programSize();
  if (size > programSizeMax)
    throw new ConfigError(
      `regex '${pattern}' RE2 program size of ${size} > max program size of ${programSizeMax} set for the error level threshold. Increase configured max program size if necessary.`,
    );
  return {
    pattern,
    matches: matchFunction(pattern, compiled),
    replaceAll: (text, substitution) =>
      compiled.matcher(text).replaceAll(javaSubstitution(substitution)),
  };
}

function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new ConfigError(re2Words(error instanceof Error ? error.message : String(error)));
  }
}

function matchFunction(pattern: string, compiled: RE2JS): (text: string) => boolean {
  if (pattern === '.*') return (text) => !text.includes('\n');
  if (LITERAL.test(pattern)) {
    const literal = pattern.replace(/\\(.)/g, '$1');
    return (text) => text === literal;
  }
  if (PLAIN.test(pattern)) {
    const native = new RegExp(`^(?:${pattern})$`);
    return (text) => native.test(text);
  }
  return (text) => compiled.testExact(text);
}

/** "\1" of RE2 rewrites becomes "$1"; a dollar stands for itself. */
function javaSubstitution(substitution: string): string {
  return substitution
    .replace(/\$/g, '\\$')
    .replace(/\\(\d)|\\\\/g, (_whole, group?: string) => (group ? `$${group}` : '\\\\'));
}

/** Where the two differ: Go's text → the one of C++. */
const RE2_WORDS: Readonly<Record<string, string>> = {
  'invalid named capture': 'invalid named capture group',
  'invalid nested repetition operator': 'bad repetition operator',
  'invalid or unsupported Perl syntax': 'invalid perl operator',
  'invalid repeat count': 'invalid repetition size',
  'missing argument to repetition operator': 'no argument for repetition operator',
  'missing closing )': 'missing )',
  'missing closing ]': 'missing ]',
  'trailing backslash at end of expression': 'trailing \\',
};

/** Go's texts, which re2js has, in the words of C++ RE2. */
function re2Words(message: string): string {
  const found = /error parsing regexp: (.*?): `(.*)`/s.exec(message);
  if (!found) return message;
  const [, problem = '', what = ''] = found;
  const known = RE2_WORDS[problem] ?? problem;
  return `${known}: ${known === 'invalid perl operator' ? what.slice(0, 3) : what}`;
}
