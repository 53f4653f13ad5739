/**
 * Rules of a VirtualService that no request can reach, since earlier rules take all of theirs.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0130/ and ist0131/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HttpMatch } from '../kinds/http-route.ts';
import type { VirtualServiceSpec } from '../kinds/virtual-service.ts';
import type { Findings } from './findings.ts';
import { findOverlappingPrefixes } from './overlapping-prefixes.ts';

interface Rule {
  readonly name?: string;
  readonly match?: readonly (object | null)[];
}

export function warnUnreachableRules(spec: VirtualServiceSpec, findings: Findings): void {
  for (const part of ['http', 'tcp', 'tls'] as const)
    warnDuplicateMatches((spec[part] ?? []) as readonly Rule[], ['spec', part], findings);
}

function warnDuplicateMatches(
  rules: readonly (Rule | null)[],
  path: ValuePath,
  findings: Findings,
): void {
  const seen = new Map<string, number>();
  let ruleWithoutMatch: number | undefined;
  rules.forEach((rule, index) => {
    if (!rule) return;
    const matches = rule.match ?? [];
    if (matches.length === 0) {
      if (ruleWithoutMatch !== undefined)
        warnUnused(rule, index, 'only the last rule can have no matches', path, findings);
      ruleWithoutMatch = index;
      return;
    }
    let duplicates = 0;
    matches.forEach((match, matchIndex) => {
      if (ruleWithoutMatch !== undefined) {
        warnUnused(rule, index, 'route without matches defined before', path, findings);
        return;
      }
      const key = matchKey(match);
      const earlier = seen.get(key);
      if (earlier === undefined) {
        seen.set(key, index);
        return;
      }
      duplicates++;
      const first = rules[earlier];
      warnIneffective(
        [...path, index, 'match', matchIndex],
        ruleName(rule, index),
        matchName(match, matchIndex),
        first ? ruleName(first, earlier) : `#${earlier}`,
        findings,
      );
    });
    if (duplicates === matches.length)
      warnUnused(rule, index, 'all matches used by prior rules', path, findings);
  });
  if (path.at(-1) === 'http') warnOverlaps(rules, path, findings);
}

function warnOverlaps(rules: readonly (Rule | null)[], path: ValuePath, findings: Findings): void {
  for (const { covering, covered } of findOverlappingPrefixes(rules)) {
    const by = rules[covering.rule];
    const of = rules[covered.rule];
    if (!by || !of) continue;
    warnIneffective(
      [...path, covered.rule, 'match', covered.index],
      ruleName(of, covered.rule),
      `${matchName(covered.match, covered.index)} of prefix ${covered.prefix}`,
      `${matchName(covering.match, covering.index)} of prefix ${covering.prefix} on ${ruleName(by, covering.rule)}`,
      findings,
    );
  }
}

function warnUnused(
  rule: Rule,
  index: number,
  reason: string,
  path: ValuePath,
  findings: Findings,
): void {
  const name = ruleName(rule, index);
  findings.warn([...path, index], `virtualService rule ${name} not used (${reason})`, {
    name: 'VirtualServiceUnreachableRule',
    parameters: [name, reason],
  });
}

function warnIneffective(
  path: ValuePath,
  rule: string,
  match: string,
  duplicate: string,
  findings: Findings,
): void {
  findings.warn(
    path,
    `virtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${duplicate})`,
    { name: 'VirtualServiceIneffectiveMatch', parameters: [rule, match, duplicate] },
  );
}

/** Two matches are the same whatever they are called and in whatever order they are written. */
function matchKey(match: object | null): string {
  return JSON.stringify(match, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([name]) => key !== '' || name !== 'name');
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function ruleName(rule: Rule, index: number): string {
  return rule.name ? JSON.stringify(rule.name) : `#${index}`;
}

function matchName(match: object | null, index: number): string {
  const name = (match as HttpMatch | null)?.name;
  return name ? JSON.stringify(name) : `#${index}`;
}
