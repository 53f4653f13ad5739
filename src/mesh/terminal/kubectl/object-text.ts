/**
 * Models objects as `-o yaml`, `-o json` and `-o jsonpath` print them.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/jsonpath/. Simplified: JSONPath knows fields,
 * indexes, [*], recursive descent, equality filters and range.
 */
import { dump } from 'js-yaml';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import { fail } from './world.ts';

/** Keys in alphabetical order, as Go prints maps. */
export function yamlText(value: unknown): string {
  return dump(value, { sortKeys: true, lineWidth: -1, noRefs: true, seqNoIndent: true }).trimEnd();
}

export function jsonText(value: unknown): string {
  return JSON.stringify(sorted(value), undefined, 4);
}

/** One object as it is, several as a List. */
export function asList(objects: readonly KubeObject[], single: boolean): unknown {
  if (single && objects.length === 1) return objects[0];
  return { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  const keys = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(fields[key])]));
}

/** Fills a template such as `{.items[0].metadata.name}` or `{range .items[*]}{.kind}{"\n"}{end}`. */
export function jsonPathText(template: string, value: unknown): string {
  const parts = template.split(/(\{[^}]*\})/).filter((part) => part !== '');
  return render(parts, value, { at: 0 });
}

function render(parts: readonly string[], value: unknown, cursor: { at: number }): string {
  let text = '';
  while (cursor.at < parts.length) {
    const part = parts[cursor.at++]!;
    if (!part.startsWith('{')) {
      text += part;
      continue;
    }
    const expression = part.slice(1, -1).trim();
    if (expression === 'end') return text;
    if (expression.startsWith('range ')) text += renderRange(parts, expression, value, cursor);
    else if (/^".*"$/.test(expression)) text += JSON.parse(expression) as string;
    else text += find(expression, value).map(plain).join(' ');
  }
  return text;
}

function renderRange(
  parts: readonly string[],
  expression: string,
  value: unknown,
  cursor: { at: number },
): string {
  const start = cursor.at;
  let text = '';
  for (const item of find(expression.slice('range '.length), value)) {
    cursor.at = start;
    text += render(parts, item, cursor);
  }
  if (cursor.at === start) render(parts, undefined, cursor);
  return text;
}

const STEP =
  /^(?:(\.\.)([A-Za-z0-9_-]+|\*)?|\.((?:\\.|[A-Za-z0-9_/-])+|\*)?|\[(-?\d+|\*|'[^']*'|\?\([^\]]*\))\])/;

function find(path: string, root: unknown): unknown[] {
  let values: unknown[] = [root];
  let rest = path.trim().replace(/^\$/, '');
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (!step) fail(`error: error parsing jsonpath {${path}}, unrecognized character in action`);
    rest = rest.slice(step[0].length);
    const [, deep, deepName, field, index] = step;
    if (deep)
      values = values.flatMap(descendants).flatMap((value) => children(value, deepName ?? '*'));
    else if (index !== undefined) values = values.flatMap((value) => indexed(value, index));
    else if (field !== undefined)
      values = values.flatMap((value) => children(value, field.replaceAll('\\', '')));
  }
  return values;
}

function children(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (name === '*') return Object.values(value);
  return name in value ? [(value as Record<string, unknown>)[name]] : [];
}

function descendants(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(descendants)];
}

function indexed(value: unknown, index: string): unknown[] {
  if (index.startsWith("'")) return children(value, index.slice(1, -1));
  if (!Array.isArray(value)) return index === '*' ? children(value, '*') : [];
  if (index === '*') return value;
  if (index.startsWith('?')) return value.filter((item) => passes(item, index.slice(2, -1)));
  const item: unknown = value.at(Number(index));
  return item === undefined ? [] : [item];
}

/** `@.type=="Ready"`. */
function passes(item: unknown, condition: string): boolean {
  const found = /^\s*@(\.[^=!<>\s]+)\s*(==|!=)\s*["']?([^"']*)["']?\s*$/.exec(condition);
  if (!found) return find(condition.trim().replace(/^@/, ''), item).length > 0;
  const [, path = '', operator, wanted] = found;
  const isEqual = find(path, item).some((value) => plain(value) === wanted);
  return operator === '==' ? isEqual : !isEqual;
}

function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
