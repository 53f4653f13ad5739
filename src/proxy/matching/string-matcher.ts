/**
 * Models StringMatcher: exact, prefix, suffix, contains, safe_regex, with ignore_case.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import { compileRegex } from './regex.ts';

export type TextTest = (text: string) => boolean;

export function compileStringMatcher(matcher: Message): TextTest {
  const ignoreCase = matcher.flag('ignore_case');
  const kind = matcher.oneof('exact', 'prefix', 'suffix', 'contains', 'safe_regex');
  if (!kind) throw new ConfigError('field: "match_pattern", reason: is required');
  if (kind === 'safe_regex') {
    const regex = compileRegex(matcher.messageOrEmpty('safe_regex'));
    return (text) => regex.matches(text);
  }
  const wanted = matcher.text(kind);
  return ignoreCase ? foldedTest(kind, wanted.toLowerCase()) : textTest(kind, wanted);
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'contains';

export function textTest(kind: Kind, wanted: string): TextTest {
  switch (kind) {
    case 'exact':
      return (text) => text === wanted;
    case 'prefix':
      return (text) => text.startsWith(wanted);
    case 'suffix':
      return (text) => text.endsWith(wanted);
    case 'contains':
      return (text) => text.includes(wanted);
  }
}

function foldedTest(kind: Kind, wanted: string): TextTest {
  const test = textTest(kind, wanted);
  return (text) => test(text.toLowerCase());
}
