/**
 * Models where each value of a YAML document stands in its text.
 *
 * Built from the parse events when a position is first asked for: most documents are right and
 * nobody asks.
 */
import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';
import { endOf, startOf } from './compose.ts';
import { resolvePlain } from './scalar.ts';

export type ValuePath = readonly (string | number)[];

/** Offsets of one value and, in a mapping, of its key. */
export interface SourceNode {
  readonly start: number;
  readonly end: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly children: ReadonlyMap<string | number, SourceNode> | undefined;
}

/** The node at `path`, or at the nearest parent that exists. */
export function nodeAt(root: SourceNode, path: ValuePath): { node: SourceNode; exact: boolean } {
  let node = root;
  for (const step of path) {
    const child = node.children?.get(step);
    if (!child) return { node, exact: false };
    node = child;
  }
  return { node, exact: true };
}

/** The positions of the document whose first event after its start has index `at`. */
export function buildSourceMap(source: string, events: readonly Event[], at: number): SourceNode {
  return new SourceMapBuilder(source, events, at).node(-1, -1);
}

class SourceMapBuilder {
  readonly #source: string;
  readonly #events: readonly Event[];
  #at: number;

  constructor(source: string, events: readonly Event[], at: number) {
    this.#source = source;
    this.#events = events;
    this.#at = at;
  }

  node(keyStart: number, keyEnd: number): SourceNode {
    const event = this.#events[this.#at++]!;
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const { start, end } = scalarSpan(event, keyEnd);
        return { start, end, keyStart, keyEnd, children: undefined };
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const children =
          event.type === EVENT_ID.SEQUENCE ? this.#items() : this.#entries(event.start);
        const end = this.#collectionEnd(event, children);
        return { start: event.start, end, keyStart, keyEnd, children };
      }
      default:
        return { start: startOf(event), end: endOf(event), keyStart, keyEnd, children: undefined };
    }
  }

  #items(): Map<string | number, SourceNode> {
    const items = new Map<string | number, SourceNode>();
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) items.set(items.size, this.node(-1, -1));
    this.#at += 1;
    return items;
  }

  #entries(fallback: number): Map<string | number, SourceNode> {
    const entries = new Map<string | number, SourceNode>();
    for (;;) {
      const event = this.#events[this.#at]!;
      if (event.type === EVENT_ID.POP) break;
      const key = this.node(-1, -1);
      const name =
        event.type === EVENT_ID.SCALAR
          ? keyText(this.#source, event)
          : this.#source.slice(key.start, key.end);
      const start = key.start < 0 ? fallback : key.start;
      entries.set(name, this.node(start, Math.max(start, key.end)));
    }
    this.#at += 1;
    return entries;
  }

  /** A block ends with its last child; a flow collection with its bracket. */
  #collectionEnd(
    event: Extract<Event, { start: number }>,
    children: ReadonlyMap<string | number, SourceNode>,
  ): number {
    let end = event.start;
    for (const child of children.values()) end = Math.max(end, child.end, child.keyEnd);
    const open = this.#source[event.start];
    if (open !== '{' && open !== '[') return end;
    let at = end === event.start ? event.start + 1 : end;
    while (at < this.#source.length && this.#source[at] !== '}' && this.#source[at] !== ']') {
      if (this.#source[at] === '#') at = this.#source.indexOf('\n', at);
      if (at < 0) return this.#source.length;
      at += 1;
    }
    return Math.min(at + 1, this.#source.length);
  }
}

/** Quoted scalars include their quotes; an absent value stands right after its key's colon. */
function scalarSpan(
  event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>,
  keyEnd: number,
): { start: number; end: number } {
  if (event.valueStart < 0 || (event.valueStart === event.valueEnd && event.style === 1)) {
    const start = keyEnd >= 0 ? keyEnd : Math.max(event.valueStart, 0);
    return { start, end: start };
  }
  const quoted =
    event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const margin = quoted ? 1 : 0;
  return { start: event.valueStart - margin, end: event.valueEnd + margin };
}

function keyText(source: string, event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): string {
  const text = getScalarValue(source, event);
  return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0
    ? String(text === '<<' ? text : resolvePlain(text))
    : text;
}
