/**
 * Where in a document the cursor is, told by indentation, so that half-typed texts have a place too.
 * Simplified: block style only; inside braces and brackets there is no place.
 */
import type { SchemaNode } from '../../istio/schema/schema-node.ts';

export interface Place {
  readonly kind: string;
  readonly apiVersion: string;
  /** Keys from the root to the mapping the cursor is in; items of lists add no step. */
  readonly path: readonly string[];
  /** The key on the cursor's line; "" while it is being typed. */
  readonly key: string;
  /** The cursor is after "key:". */
  readonly isValue: boolean;
  /** The cursor is on a list item that is no mapping, or not yet. */
  readonly isItem: boolean;
  /** Keys and plain values beside the cursor, in the same mapping. */
  readonly siblings: ReadonlyMap<string, string>;
}

interface Line {
  /** Column of the first key or item, after any "- ". */
  readonly indent: number;
  /** Columns of the dashes before it. */
  readonly dashes: readonly number[];
  readonly key: string | undefined;
  readonly value: string;
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#:'"[\]{}][^:#]*?))\s*:(?:\s+(.*))?$/;

/** Lines and columns count from 1. */
export function placeAt(text: string, line: number, column: number): Place {
  const lines = text.split('\n');
  const { from, to } = documentAround(lines, line - 1);
  const own = lines.slice(from, to);
  const at = line - 1 - from;
  const current = readLine(own[at] ?? '');
  const typed = (own[at] ?? '').slice(0, column - 1);
  const isBlank = (own[at] ?? '').trim() === '';
  const indent = isBlank ? column - 1 : current.indent;
  const parsed = own.map(readLine);
  const path = keysAbove(parsed, own, at, indent, current.dashes);
  const afterColon = current.key !== undefined && /:\s/.test(typed) && !typed.endsWith(':');
  return {
    kind: fieldAtRoot(parsed, 'kind'),
    apiVersion: fieldAtRoot(parsed, 'apiVersion'),
    path,
    key: current.key ?? '',
    isValue: afterColon,
    isItem: current.key === undefined && current.dashes.length > 0,
    siblings: siblingsOf(parsed, own, at, indent),
  };
}

/** The schema of the mapping at `path`; undefined where nothing is known. */
export function nodeAt(root: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const key of path) {
    node = unwrapped(node);
    node = node?.values ?? (node?.properties ? ownField(node.properties, key) : undefined);
  }
  return unwrapped(node);
}

/** What a list is a list of. */
export function unwrapped(node: SchemaNode | undefined): SchemaNode | undefined {
  let inner = node;
  while (inner?.type === 'array') inner = inner.items;
  return inner;
}

function ownField(fields: Readonly<Record<string, SchemaNode>>, key: string) {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function documentAround(lines: readonly string[], at: number): { from: number; to: number } {
  let from = at;
  while (from > 0 && !/^---/.test(lines[from - 1] ?? '')) from--;
  let to = at + 1;
  while (to < lines.length && !/^---/.test(lines[to] ?? '')) to++;
  return { from, to };
}

function readLine(text: string): Line {
  let rest = text.trimEnd();
  const dashes: number[] = [];
  let indent = rest.length - rest.trimStart().length;
  rest = rest.trimStart();
  while (rest === '-' || rest.startsWith('- ')) {
    dashes.push(indent);
    const after = rest.slice(1);
    indent += 1 + (after.length - after.trimStart().length || 1);
    rest = after.trimStart();
  }
  const parts = rest.startsWith('#') ? null : KEY.exec(rest);
  const key = parts?.[1] ?? parts?.[2] ?? parts?.[3];
  return { indent, dashes, key, value: (parts?.[4] ?? '').replace(/\s+#.*$/, '') };
}

/** Keys of lines above that stand further left, nearest last. */
function keysAbove(
  lines: readonly Line[],
  texts: readonly string[],
  at: number,
  indent: number,
  dashes: readonly number[],
): string[] {
  const path: string[] = [];
  let limit = dashes[0] ?? indent;
  let isItem = dashes.length > 0;
  for (let above = at - 1; above >= 0 && (limit > 0 || isItem); above--) {
    const line = lines[above];
    if (!line || (texts[above] ?? '').trim() === '') continue;
    if (line.key === undefined) continue;
    // a list may stand right under its key
    const isParent = line.indent < limit || (isItem && line.indent === limit);
    if (isParent) {
      path.unshift(line.key);
      isItem = line.dashes.length > 0;
      limit = line.dashes[0] ?? line.indent;
    } else if (line.indent === limit && line.dashes.length > 0 && !isItem) {
      // the mapping began on the line of its dash
      isItem = true;
      limit = line.dashes[0] ?? limit;
    }
  }
  return path;
}

function siblingsOf(
  lines: readonly Line[],
  texts: readonly string[],
  at: number,
  indent: number,
): Map<string, string> {
  const found = new Map<string, string>();
  const collect = (from: number, step: 1 | -1) => {
    for (let index = from; index >= 0 && index < lines.length; index += step) {
      const line = lines[index];
      if (!line || (texts[index] ?? '').trim() === '' || line.indent > indent) continue;
      const begins = (line.dashes[0] ?? indent) < indent;
      if (line.indent < indent || (begins && step === 1)) return;
      if (line.key !== undefined) found.set(line.key, line.value);
      if (begins) return;
    }
  };
  if ((lines[at]?.dashes[0] ?? indent) >= indent) collect(at - 1, -1);
  collect(at + 1, 1);
  return found;
}

function fieldAtRoot(lines: readonly Line[], name: string): string {
  const line = lines.find((one) => one.indent === 0 && one.key === name);
  return line?.value.replace(/^["']|["']$/g, '') ?? '';
}
