/** Repairs for mistakes with one sensible repair. */
import type { DocumentDiagnostic } from '../../istio/document.ts';
import { nodeAt as schemaAt } from './schema-place.ts';
import { objectSchema } from './kind-schema.ts';
import type { ValuePath, YamlDocument } from '../../kube/yaml/documents.ts';
import type { TextDiagnostic } from '../../protocol/diagnostic.ts';
import { nearName } from './near-name.ts';

export type Fix = NonNullable<TextDiagnostic['fix']>;

interface Typed {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** The repair of what the API server or the webhook found, if there is one. */
export function fixFor(
  { message, path }: DocumentDiagnostic,
  document: YamlDocument,
  text: string,
): Fix | undefined {
  if (message.includes('unknown field'))
    return moveConnectTimeout(path, document, text) ?? renameField(path, document);
  if (path.at(-1) === 'consecutiveErrors')
    return rename(path, 'consecutive5xxErrors', 'Use consecutive5xxErrors', document);
  if (message.includes('Unsupported value')) return replaceValue(path, message, document);
  return undefined;
}

/** A field with a name near an existing one of the same mapping. */
function renameField(path: ValuePath, document: YamlDocument): Fix | undefined {
  const { apiVersion = '', kind = '' } = (document.value ?? {}) as Typed;
  const schema = objectSchema(apiVersion, kind);
  const keys = path.filter((step): step is string => typeof step === 'string');
  const siblings = schema && schemaAt(schema, keys.slice(0, -1))?.properties;
  const near = nearName(keys.at(-1) ?? '', Object.keys(siblings ?? {}));
  return near === undefined ? undefined : rename(path, near, `Change to ${near}`, document);
}

function rename(path: ValuePath, name: string, title: string, document: YamlDocument): Fix {
  return { title, edits: [{ ...document.keyRangeOf(path), text: name }] };
}

function replaceValue(path: ValuePath, message: string, document: YamlDocument): Fix | undefined {
  const written = /Unsupported value: "([^"]*)"/.exec(message)?.[1] ?? '';
  const supported = message.split('supported values: ')[1] ?? '';
  const near = nearName(
    written,
    [...supported.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? ''),
  );
  if (near === undefined) return undefined;
  return { title: `Change to ${near}`, edits: [{ ...document.rangeOf(path), text: near }] };
}

/** connectTimeout belongs under tcp, which people look for under http. */
function moveConnectTimeout(
  path: ValuePath,
  document: YamlDocument,
  text: string,
): Fix | undefined {
  if (path.at(-1) !== 'connectTimeout' || path.at(-2) !== 'http') return undefined;
  const lines = text.split('\n');
  const key = document.keyRangeOf(path);
  const value = document.rangeOf(path);
  const line = lines[key.line - 1] ?? '';
  const http = document.keyRangeOf(path.slice(0, -1));
  const isOwnLine = line.trimStart().startsWith('connectTimeout') && value.endLine === key.line;
  if (!isOwnLine || http.line === key.line) return undefined;
  const pool = valueAt(document.value, path.slice(0, -2)) as
    { http?: object; tcp?: object } | undefined;
  const isAlone = Object.keys(pool?.http ?? {}).length === 1;
  const tcpPath = [...path.slice(0, -2), 'tcp'];
  const entry = line.trim();
  const indent = ' '.repeat(key.column - 1);
  const inserted = pool?.tcp
    ? insertAfter(document.keyRangeOf(tcpPath).line, `${indent}${entry}\n`)
    : insertAfter(http.line - 1, `${' '.repeat(http.column - 1)}tcp:\n${indent}${entry}\n`);
  const removed = [removeLine(key.line), ...(isAlone ? [removeLine(http.line)] : [])];
  return { title: 'Move connectTimeout under tcp', edits: [inserted, ...removed] };
}

function insertAfter(line: number, text: string): Fix['edits'][number] {
  return { line: line + 1, column: 1, endLine: line + 1, endColumn: 1, text };
}

function removeLine(line: number): Fix['edits'][number] {
  return { line, column: 1, endLine: line + 1, endColumn: 1, text: '' };
}

function valueAt(value: unknown, path: ValuePath): unknown {
  let inner = value;
  for (const step of path) inner = (inner as Readonly<Record<string, unknown>> | undefined)?.[step];
  return inner;
}
