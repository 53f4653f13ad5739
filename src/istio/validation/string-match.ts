/**
 * String matches and their regular expressions (RE2).
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch
 */
import { RE2JS } from 're2js';
import type { StringMatch } from '../kinds/string-match.ts';

/** Envoy limits the compiled program; istiod approximates it by the length of the text. */
const REGEX_LENGTH_MAX = 1024;

export function stringMatchProblem(
  match: StringMatch | undefined | null,
  where: string,
): string | undefined {
  if (match?.prefix === '') return `"${where}": prefix string match should not be empty`;
  return regexMatchProblem(match, where);
}

/** As above, but an empty prefix is fine. */
export function regexMatchProblem(
  match: StringMatch | undefined | null,
  where: string,
): string | undefined {
  if (match?.regex === undefined) return undefined;
  if (match.regex === '') return `"${where}": regex string match should not be empty`;
  return regexProblem(match.regex, where);
}

export function regexProblem(regex: string, where: string): string | undefined {
  if (regex.length > REGEX_LENGTH_MAX)
    return `"${where}": regex is too large, max length allowed is ${REGEX_LENGTH_MAX}`;
  const syntax = regexSyntaxProblem(regex);
  if (syntax === undefined) return undefined;
  return `"${where}": ${syntax}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`;
}

/** What RE2 says about the expression; undefined when it compiles. */
export function regexSyntaxProblem(regex: string): string | undefined {
  try {
    RE2JS.compile(regex);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
