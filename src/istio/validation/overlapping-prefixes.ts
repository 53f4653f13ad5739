/**
 * Pairs of URI prefix matches of which the earlier takes everything that the later could match.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0131/
 * Simplified: like istiod, only prefixes are compared, and conditions by their exact or prefix texts.
 */
import type { HttpMatch } from '../kinds/http-route.ts';
import type { StringMatch } from '../kinds/string-match.ts';

export interface PrefixMatch {
  readonly rule: number;
  readonly index: number;
  readonly prefix: string;
  readonly match: HttpMatch;
}

interface Rule {
  readonly match?: readonly (object | null)[];
}

type Conditions = Readonly<Record<string, StringMatch>> | undefined;

export function findOverlappingPrefixes(
  rules: readonly (Rule | null)[],
): { covering: PrefixMatch; covered: PrefixMatch }[] {
  const prefixes = prefixMatches(rules);
  const overlaps: { covering: PrefixMatch; covered: PrefixMatch }[] = [];
  prefixes.forEach((covering, at) => {
    for (const covered of prefixes.slice(at + 1))
      if (covered.prefix !== covering.prefix && covers(covering, covered))
        overlaps.push({ covering, covered });
  });
  return overlaps;
}

/** Distinct prefix matches up to the first rule without matches. */
function prefixMatches(rules: readonly (Rule | null)[]): PrefixMatch[] {
  const found: PrefixMatch[] = [];
  const seen = new Set<string>();
  for (const [rule, { match: matches = [] }] of rules.map((item) => item ?? {}).entries()) {
    if (rules[rule] && matches.length === 0) break;
    matches.forEach((item, index) => {
      const match = item as HttpMatch | null;
      const key = JSON.stringify({ ...match, name: undefined });
      if (match?.uri?.prefix && !seen.has(key))
        found.push({ rule, index, prefix: match.uri.prefix, match });
      seen.add(key);
    });
  }
  return found;
}

function covers({ prefix, match: one }: PrefixMatch, { prefix: other, match: two }: PrefixMatch) {
  return (
    other.startsWith(prefix) &&
    (one.port ?? 0) === (two.port ?? 0) &&
    (conditionText(one.method) || 'exact:GET').startsWith(
      conditionText(two.method) || 'exact:GET',
    ) &&
    conditionText(one.authority).startsWith(conditionText(two.authority)) &&
    conditionsCover(one.headers, two.headers) &&
    conditionsCover(one.queryParams, two.queryParams) &&
    conditionsCover(one.withoutHeaders, two.withoutHeaders)
  );
}

function conditionsCover(one: Conditions = {}, two: Conditions = {}): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(two).length &&
    names.every(
      (name) => name in two && conditionText(one[name]).startsWith(conditionText(two[name])),
    )
  );
}

function conditionText(condition: StringMatch | undefined): string {
  if (condition?.exact) return `exact:${condition.exact}`;
  return condition?.prefix ? `prefix:${condition.prefix}` : '';
}
