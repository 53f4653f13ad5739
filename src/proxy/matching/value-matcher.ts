/**
 * Models ValueMatcher and MetadataMatcher: looking into dynamic metadata by path.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/metadata.proto
 */
import type { Message } from '../config/message.ts';
import { compileStringMatcher } from './string-matcher.ts';

export type ValueTest = (value: unknown) => boolean;

/** Metadata by namespace ("envoy.filters.http.jwt_authn" → struct). */
export type Metadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function compileValueMatcher(matcher: Message): ValueTest {
  const kind = matcher.oneof(
    'null_match',
    'double_match',
    'string_match',
    'bool_match',
    'present_match',
    'list_match',
    'or_match',
  );
  switch (kind) {
    case 'null_match':
      return (value) => value === null;
    case 'double_match':
      return doubleTest(matcher.messageOrEmpty('double_match'));
    case 'string_match': {
      const test = compileStringMatcher(matcher.messageOrEmpty('string_match'));
      return (value) => typeof value === 'string' && test(value);
    }
    case 'bool_match': {
      const wanted = matcher.flag('bool_match');
      return (value) => value === wanted;
    }
    case 'present_match': {
      const wanted = matcher.flag('present_match');
      return (value) => (value !== undefined) === wanted;
    }
    case 'list_match': {
      const one = matcher.messageOrEmpty('list_match').message('one_of');
      const test = one ? compileValueMatcher(one) : () => false;
      return (value) => Array.isArray(value) && value.some(test);
    }
    case 'or_match': {
      const tests = matcher
        .messageOrEmpty('or_match')
        .messages('value_matchers')
        .map(compileValueMatcher);
      return (value) => tests.some((test) => test(value));
    }
    default:
      return () => false;
  }
}

function doubleTest(matcher: Message): ValueTest {
  const exact = matcher.number('exact');
  if (exact !== undefined) return (value) => value === exact;
  const range = matcher.messageOrEmpty('range');
  const start = range.number('start') ?? 0;
  const end = range.number('end') ?? 0;
  return (value) => typeof value === 'number' && value >= start && value < end;
}

export function compileMetadataMatcher(
  matcher: Message,
): (metadata: Metadata | undefined) => boolean {
  const filter = matcher.text('filter');
  const path = matcher.messages('path').map((segment) => segment.text('key'));
  const test = compileValueMatcher(matcher.messageOrEmpty('value'));
  const invert = matcher.flag('invert');
  return (metadata) => test(valueAt(metadata?.[filter], path)) !== invert;
}

/** The value under a path of keys; undefined when a step is missing. */
export function valueAt(struct: unknown, path: readonly string[]): unknown {
  let value = struct;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
