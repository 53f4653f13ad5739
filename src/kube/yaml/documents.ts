/**
 * Models what `kubectl apply -f` makes of a text: its documents, each with positions and errors.
 *
 * A document that cannot be read does not hide the others; a `kind: List` becomes its items.
 *
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/ and YAML as
 * sigs.k8s.io/yaml reads it. Simplified: at most 100 levels of nesting.
 */
import { EVENT_ID, parseEvents, YAMLException, type Event } from 'js-yaml';
import type { KubeObject } from '../objects/metadata.ts';
import { COLON_STAND_IN, Composer, isMapping, YamlError } from './compose.ts';
import { goYamlWords } from './parse-error.ts';
import { buildSourceMap, nodeAt, type SourceNode, type ValuePath } from './source-map.ts';
import { LineTable, type TextRange } from './text-range.ts';

export type { TextRange } from './text-range.ts';
export type { ValuePath } from './source-map.ts';

/** What is wrong with a document as text. */
export interface YamlDiagnostic {
  readonly code: 'parse';
  readonly message: string;
  readonly range: TextRange;
}

/** One document, or one item of a List. */
export interface YamlDocument {
  /** Counted from 0 over the whole text, empty documents left out, items of a List counted. */
  readonly index: number;
  /** The file it came from, as given. */
  readonly path: string;
  /** What it says; undefined when it cannot be read. Parts may be shared: never change it. */
  readonly value: unknown;
  readonly diagnostics: readonly YamlDiagnostic[];
  /** Where the value at `path` stands; of the nearest parent when there is none. */
  rangeOf(path: ValuePath): TextRange;
  /** Where the key of the value at `path` stands; for an item of a list, the item. */
  keyRangeOf(path: ValuePath): TextRange;
}

/** Reads all documents of a text. Never throws on what a person typed. */
export function readDocuments(text: string, path = ''): YamlDocument[] {
  const lines = new LineTable(text);
  const documents: YamlDocument[] = [];
  for (const { start, end } of splitDocuments(text)) {
    const chunk = text.slice(start, end);
    if (isBlank(chunk)) continue;
    readChunk(chunk, { path, lines, start }, documents);
  }
  return documents;
}

/** The document as an object with kind, apiVersion and metadata, if it has these. */
export function objectOf(document: YamlDocument): KubeObject | undefined {
  const value = document.value;
  if (!isMapping(value) || typeof value['kind'] !== 'string') return undefined;
  if (typeof value['apiVersion'] !== 'string' || !isMapping(value['metadata'])) return undefined;
  return value as unknown as KubeObject;
}

interface Chunk {
  readonly path: string;
  readonly lines: LineTable;
  /** Offset of the chunk in the whole text. */
  readonly start: number;
}

function readChunk(source: string, chunk: Chunk, documents: YamlDocument[]): void {
  try {
    const { text, events } = parse(source);
    for (let at = 0; at < events.length; at++) {
      if (events[at]!.type !== EVENT_ID.DOCUMENT) continue;
      const composer = new Composer(text, events, at + 1);
      const value = composer.compose();
      if (value === null) continue;
      let map: SourceNode | undefined;
      const first = at + 1;
      const root = () => (map ??= buildSourceMap(text, events, first));
      addDocument(value, [], root, chunk, documents);
      at = composer.at;
    }
  } catch (error) {
    documents.push(brokenDocument(error, source, chunk, documents.length));
  }
}

/**
 * go-yaml takes a colon before a flow indicator as part of a plain scalar (`{a: 001:db8::}`); the
 * parser here takes it for a key's. Such colons are hidden from it; the composer puts them back.
 */
const SCALAR_COLON = /(?<=[\w:./*-]):(?=[,\]}])/g;

function parse(source: string): { text: string; events: Event[] } {
  const spaced = source.trimStart().startsWith('{') ? source.replaceAll('\t', ' ') : source;
  const text = spaced.replaceAll(SCALAR_COLON, COLON_STAND_IN);
  return { text, events: parseEvents(text, {}) };
}

function addDocument(
  value: unknown,
  base: ValuePath,
  root: () => SourceNode,
  chunk: Chunk,
  documents: YamlDocument[],
): void {
  const items = listItems(value);
  if (items && base.length < 8) {
    items.forEach((item, at) => addDocument(item, [...base, 'items', at], root, chunk, documents));
    return;
  }
  const range = (start: number, end: number) =>
    chunk.lines.range(chunk.start + start, chunk.start + end);
  documents.push({
    index: documents.length,
    path: chunk.path,
    value,
    diagnostics: [],
    rangeOf(path) {
      const { node } = nodeAt(root(), [...base, ...path]);
      return range(node.start, node.end);
    },
    keyRangeOf(path) {
      const { node } = nodeAt(root(), [...base, ...path]);
      return node.keyStart < 0 ? range(node.start, node.end) : range(node.keyStart, node.keyEnd);
    },
  });
}

function listItems(value: unknown): readonly unknown[] | undefined {
  if (!isMapping(value) || !Array.isArray(value['items'])) return undefined;
  const kind = value['kind'];
  return typeof kind === 'string' && kind.endsWith('List') ? value['items'] : undefined;
}

function brokenDocument(error: unknown, source: string, chunk: Chunk, index: number): YamlDocument {
  const { message, start, end } = describe(error, source);
  const range = chunk.lines.range(chunk.start + start, chunk.start + end);
  return {
    index,
    path: chunk.path,
    value: undefined,
    diagnostics: [{ code: 'parse', message: `yaml: line ${range.line}: ${message}`, range }],
    rangeOf: () => range,
    keyRangeOf: () => range,
  };
}

function describe(error: unknown, source: string): { message: string; start: number; end: number } {
  if (error instanceof YamlError) return error;
  if (!(error instanceof YAMLException)) throw error;
  const start = Math.min(error.mark?.position ?? 0, source.length);
  const lineEnd = source.indexOf('\n', start);
  const end = lineEnd < 0 ? source.length : lineEnd;
  return { message: goYamlWords(error.reason), start, end: Math.max(end, start) };
}

/** `---` at the start of a line always ends a document, whatever came before it. */
function splitDocuments(text: string): { start: number; end: number }[] {
  const chunks: { start: number; end: number }[] = [];
  const separator = /^---(?=\s|$)/gm;
  let start = 0;
  for (let found = separator.exec(text); found; found = separator.exec(text)) {
    if (found.index > start) chunks.push({ start, end: found.index });
    start = found.index;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

/** Nothing but white space, comments, separators and directives. */
function isBlank(chunk: string): boolean {
  return /^(?:---)?(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n|\.\.\.\r?\n)*[ \t]*(?:#[^\n]*|\.\.\.)?$/.test(
    chunk.replace(/^\ufeff/, ''),
  );
}
