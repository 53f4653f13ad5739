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
  /** "duplicate-key" leaves a value (the last one wins), which the API server refuses as strict. */
  readonly code: 'parse' | 'duplicate-key';
  /** Lines in it count from the start of the document, as in go-yaml's own words. */
  readonly message: string;
  readonly range: TextRange;
}

/** One document, or one item of a List. */
export interface YamlDocument {
  /** Counted from 0 over the whole text, empty documents left out, items of a List counted. */
  readonly index: number;
  /** The file it came from, as given. */
  readonly path: string;
  /** The document's text, without separators. */
  readonly text: string;
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
    if (!isBlank(chunk)) readChunk({ path, text: chunk, lines, start }, documents);
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
  readonly text: string;
  readonly lines: LineTable;
  /** Offset of the chunk in the whole text. */
  readonly start: number;
}

function readChunk(chunk: Chunk, documents: YamlDocument[]): void {
  try {
    const { text, events } = parse(chunk.text);
    for (let at = 0; at < events.length; at++) {
      if (events[at]!.type !== EVENT_ID.DOCUMENT) continue;
      const composer = new Composer(text, events, at + 1);
      const value = composer.compose();
      const first = at + 1;
      at = composer.at;
      if (value === null) continue;
      let map: SourceNode | undefined;
      const root = () => (map ??= buildSourceMap(text, events, first));
      const diagnostics = duplicateKeys(composer.duplicates, chunk);
      addDocument({ value, diagnostics, root, chunk }, [], documents);
    }
  } catch (error) {
    documents.push(brokenDocument(error, chunk, documents.length));
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

interface ReadDocument {
  readonly value: unknown;
  readonly diagnostics: readonly YamlDiagnostic[];
  readonly root: () => SourceNode;
  readonly chunk: Chunk;
}

/** Adds a document, or the items of a List under `base`. */
function addDocument(read: ReadDocument, base: ValuePath, documents: YamlDocument[]): void {
  const { value, diagnostics, root, chunk } = read;
  const items = listItems(value);
  if (items && base.length < 8) {
    items.forEach((item, at) =>
      addDocument({ ...read, value: item }, [...base, 'items', at], documents),
    );
    return;
  }
  documents.push({
    index: documents.length,
    path: chunk.path,
    text: documentText(chunk),
    value,
    diagnostics,
    rangeOf(path) {
      const { node } = nodeAt(root(), [...base, ...path]);
      return rangeIn(chunk, node.start, node.end);
    },
    keyRangeOf(path) {
      const { node } = nodeAt(root(), [...base, ...path]);
      return node.keyStart < 0
        ? rangeIn(chunk, node.start, node.end)
        : rangeIn(chunk, node.keyStart, node.keyEnd);
    },
  });
}

function rangeIn(chunk: Chunk, start: number, end: number): TextRange {
  return chunk.lines.range(chunk.start + start, chunk.start + end);
}

function documentText(chunk: Chunk): string {
  return chunk.text.replace(/^---[ \t]*\r?\n?/, '').trimEnd();
}

/** A line counted within the document: the line of a leading `---` does not count. */
function ownLine(chunk: Chunk, range: TextRange): number {
  const first = rangeIn(chunk, 0, 0).line;
  const separator = /^---[ \t]*\r?\n/.test(chunk.text) ? 1 : 0;
  return range.line - first + 1 - separator;
}

function duplicateKeys(
  duplicates: readonly { key: string; start: number; end: number }[],
  chunk: Chunk,
): YamlDiagnostic[] {
  return duplicates.map(({ key, start, end }) => {
    const range = rangeIn(chunk, start, end);
    const message = `yaml: line ${ownLine(chunk, range)}: key "${key}" already set in map`;
    return { code: 'duplicate-key', message, range };
  });
}

function listItems(value: unknown): readonly unknown[] | undefined {
  if (!isMapping(value) || !Array.isArray(value['items'])) return undefined;
  const kind = value['kind'];
  return typeof kind === 'string' && kind.endsWith('List') ? value['items'] : undefined;
}

function brokenDocument(error: unknown, chunk: Chunk, index: number): YamlDocument {
  const { message, start, end } = describe(error, chunk.text);
  const range = rangeIn(chunk, start, end);
  const words = `yaml: line ${ownLine(chunk, range)}: ${message}`;
  return {
    index,
    path: chunk.path,
    text: documentText(chunk),
    value: undefined,
    diagnostics: [{ code: 'parse', message: words, range }],
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
