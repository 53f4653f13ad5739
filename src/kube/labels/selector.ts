/**
 * Models label selectors: the objects that select, and the text form of `kubectl -l`.
 *
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../objects/metadata.ts';

/** True when every label of `selector` is among `labels`. An empty selector matches everything. */
export function matchesLabels(selector: StringMap, labels: StringMap | undefined): boolean {
  for (const key of Object.keys(selector)) if (labels?.[key] !== selector[key]) return false;
  return true;
}

/** A selector object, as workloads and policies use it. Empty matches everything. */
export function matchesSelector(selector: LabelSelector, labels: StringMap | undefined): boolean {
  if (selector.matchLabels && !matchesLabels(selector.matchLabels, labels)) return false;
  return (selector.matchExpressions ?? []).every((requirement) =>
    matchesRequirement(requirement, labels),
  );
}

function matchesRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  labels: StringMap | undefined,
): boolean {
  const value = labels?.[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

const REQUIREMENT =
  /^\s*(?:(!)\s*)?([^\s=!,()]+)\s*(?:(==|=|!=)\s*([^\s,()]*)|\s(in|notin)\s*\(([^)]*)\))?\s*$/;

/** Parses "app=x,tier!=db,env in (a,b),!canary". A text that is none is answered in words. */
export function parseSelector(text: string): { selector: LabelSelector } | { error: string } {
  const matchExpressions: LabelSelectorRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    if (part.trim() === '') continue;
    const found = REQUIREMENT.exec(part);
    if (!found) return { error: `unable to parse requirement: found '${part.trim()}'` };
    const [, not, key = '', equality, value = '', set, list = ''] = found;
    if (set) {
      const values = list.split(',').map((item) => item.trim());
      matchExpressions.push({ key, operator: set === 'in' ? 'In' : 'NotIn', values });
    } else if (equality) {
      const operator = equality === '!=' ? 'NotIn' : 'In';
      matchExpressions.push({ key, operator, values: [value] });
    } else matchExpressions.push({ key, operator: not ? 'DoesNotExist' : 'Exists' });
  }
  return { selector: { matchExpressions } };
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** The text form of a selector object, as kubectl prints it; "<none>" when it selects by nothing. */
export function formatSelector(selector: LabelSelector | StringMap | undefined): string {
  if (!selector) return '<none>';
  const parts: string[] = [];
  const labels = 'matchLabels' in selector ? selector.matchLabels : undefined;
  const expressions = 'matchExpressions' in selector ? selector.matchExpressions : undefined;
  const plain = labels ?? (expressions ? {} : selector);
  for (const [key, value] of Object.entries(plain as StringMap)) parts.push(`${key}=${value}`);
  for (const { key, operator, values = [] } of (expressions ?? []) as LabelSelectorRequirement[]) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${values.join(',')})`);
  }
  return parts.length > 0 ? parts.join(',') : '<none>';
}
