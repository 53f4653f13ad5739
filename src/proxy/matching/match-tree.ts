/**
 * Models the generic matching API: a list of predicates or a tree of exact or prefix keys, whose
 * leaves are actions. A branch that finds nothing lets the search go on; on_no_match comes last.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/matching/matching_api.
 * Simplified: custom matchers (address tries, CEL) and keep_matching are refused.
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message, TypedMessage } from '../config/message.ts';
import { compileStringMatcher } from './string-matcher.ts';

/** Reads from the subject what is compared; undefined when the subject has no such thing. */
export type MatchInput<Subject> = (subject: Subject) => string | undefined;

/** What the leaves and inputs of a tree mean where it stands; both throw ConfigError. */
export interface MatchVocabulary<Subject, Action> {
  input(typed: TypedMessage): MatchInput<Subject>;
  action(typed: TypedMessage): Action;
}

/** The first action whose way through the tree matches. */
export type MatchTree<Subject, Action> = (subject: Subject) => Action | undefined;

type Predicate<Subject> = (subject: Subject) => boolean;

/** Compiles an xds.type.matcher.v3.Matcher; throws ConfigError. */
export function compileMatchTree<Subject, Action>(
  matcher: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): MatchTree<Subject, Action> {
  const kind = matcher.oneof('matcher_list', 'matcher_tree');
  const found =
    kind === 'matcher_list'
      ? compileList(matcher.messageOrEmpty(kind), vocabulary)
      : kind === 'matcher_tree'
        ? compileKeys(matcher.messageOrEmpty(kind), vocabulary)
        : () => undefined;
  const last = matcher.message('on_no_match');
  if (!last) return found;
  const otherwise = compileOnMatch(last, vocabulary);
  return (subject) => found(subject) ?? otherwise(subject);
}

function compileOnMatch<Subject, Action>(
  onMatch: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): MatchTree<Subject, Action> {
  if (onMatch.flag('keep_matching'))
    throw new ConfigError(`${onMatch.path}: keep_matching is not supported`);
  const inner = onMatch.message('matcher');
  if (inner) return compileMatchTree(inner, vocabulary);
  const typed = onMatch.message('action')?.any('typed_config');
  if (!typed) throw new ConfigError('field: "on_match", reason: is required');
  const action = vocabulary.action(typed);
  return () => action;
}

function compileList<Subject, Action>(
  list: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): MatchTree<Subject, Action> {
  const entries = list.messages('matchers').map((entry) => ({
    holds: compilePredicate(entry.messageOrEmpty('predicate'), vocabulary),
    follow: compileOnMatch(entry.messageOrEmpty('on_match'), vocabulary),
  }));
  return (subject) => {
    for (const { holds, follow } of entries) {
      const action = holds(subject) ? follow(subject) : undefined;
      if (action !== undefined) return action;
    }
    return undefined;
  };
}

function compileKeys<Subject, Action>(
  tree: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): MatchTree<Subject, Action> {
  const read = compileInput(tree, vocabulary);
  const kind = tree.oneof('exact_match_map', 'prefix_match_map');
  if (!kind) throw new ConfigError(`${tree.path}: custom_match is not supported`);
  const entries = tree
    .messageOrEmpty(kind)
    .entries('map')
    .map(([key, onMatch]) => ({ key, follow: compileOnMatch(onMatch, vocabulary) }));
  if (kind === 'exact_match_map') {
    const byKey = new Map(entries.map(({ key, follow }) => [key, follow]));
    return (subject) => {
      const value = read(subject);
      return value === undefined ? undefined : byKey.get(value)?.(subject);
    };
  }
  entries.sort((one, other) => other.key.length - one.key.length);
  return (subject) => {
    const value = read(subject);
    if (value === undefined) return undefined;
    for (const { key, follow } of entries) {
      const action = value.startsWith(key) ? follow(subject) : undefined;
      if (action !== undefined) return action;
    }
    return undefined;
  };
}

function compilePredicate<Subject, Action>(
  predicate: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): Predicate<Subject> {
  const kind = predicate.oneof('single_predicate', 'or_matcher', 'and_matcher', 'not_matcher');
  if (!kind) throw new ConfigError('field: "match_type", reason: is required');
  const inner = predicate.messageOrEmpty(kind);
  if (kind === 'single_predicate') {
    const read = compileInput(inner, vocabulary);
    const wanted = inner.message('value_match');
    if (!wanted) throw new ConfigError(`${inner.path}: custom_match is not supported`);
    const test = compileStringMatcher(wanted);
    return (subject) => {
      const value = read(subject);
      return value !== undefined && test(value);
    };
  }
  if (kind === 'not_matcher') {
    const test = compilePredicate(inner, vocabulary);
    return (subject) => !test(subject);
  }
  const tests = inner.messages('predicate').map((one) => compilePredicate(one, vocabulary));
  return kind === 'or_matcher'
    ? (subject) => tests.some((test) => test(subject))
    : (subject) => tests.every((test) => test(subject));
}

function compileInput<Subject, Action>(
  holder: Message,
  vocabulary: MatchVocabulary<Subject, Action>,
): MatchInput<Subject> {
  const typed = holder.message('input')?.any('typed_config');
  if (!typed) throw new ConfigError('field: "input", reason: is required');
  return vocabulary.input(typed);
}
