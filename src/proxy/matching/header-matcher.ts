/**
 * Models HeaderMatcher. Each value of a repeated header is matched on its own and any match counts;
 * a missing header is no match even when inverted, unless it is treated as empty.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto
 */
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileRegex } from './regex.ts';
import { compileStringMatcher, textTest, type TextTest } from './string-matcher.ts';

export interface HeaderMatcher {
  readonly name: string;
  matches(headers: HeaderMap): boolean;
}

export function compileHeaderMatcher(matcher: Message): HeaderMatcher {
  const name = matcher.text('name').toLowerCase();
  const invert = matcher.flag('invert_match');
  const kind = matcher.oneof(
    'string_match',
    'exact_match',
    'safe_regex_match',
    'range_match',
    'present_match',
    'prefix_match',
    'suffix_match',
    'contains_match',
  );
  if (kind === undefined || kind === 'present_match') {
    const wanted = (kind === undefined || matcher.flag('present_match')) !== invert;
    return {
      name: headerName(name),
      matches: (headers) => headers.has(headerName(name)) === wanted,
    };
  }
  const test = valueTest(matcher, kind);
  const missingAsEmpty = matcher.flag('treat_missing_header_as_empty');
  return headerValueMatcher(headerName(name), test, invert, missingAsEmpty);
}

/** Envoy keeps Host as :authority. */
function headerName(name: string): string {
  return name === 'host' ? ':authority' : name;
}

function headerValueMatcher(
  name: string,
  test: TextTest,
  invert: boolean,
  missingAsEmpty: boolean,
): HeaderMatcher {
  return {
    name,
    matches(headers) {
      const value = headers.get(name);
      if (value === undefined) return missingAsEmpty && test('') !== invert;
      if (test(value)) return !invert;
      return headers.anyOtherValue(name, test) !== invert;
    },
  };
}

function valueTest(matcher: Message, kind: string): TextTest {
  switch (kind) {
    case 'string_match':
      return compileStringMatcher(matcher.messageOrEmpty('string_match'));
    case 'safe_regex_match': {
      const regex = compileRegex(matcher.messageOrEmpty('safe_regex_match'));
      return (text) => regex.matches(text);
    }
    case 'range_match':
      return rangeTest(matcher.messageOrEmpty('range_match'));
    case 'prefix_match':
      return textTest('prefix', matcher.text(kind));
    case 'suffix_match':
      return textTest('suffix', matcher.text(kind));
    case 'contains_match':
      return textTest('contains', matcher.text(kind));
    default:
      return textTest('exact', matcher.text(kind));
  }
}

const INTEGER = /^[+-]?\d+$/;

/** [start, end) of a whole-number value. */
function rangeTest(range: Message): TextTest {
  const start = range.number('start') ?? 0;
  const end = range.number('end') ?? 0;
  return (text) => INTEGER.test(text) && Number(text) >= start && Number(text) < end;
}
