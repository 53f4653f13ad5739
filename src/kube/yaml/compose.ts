/**
 * Models the step from parse events to the value Kubernetes sees: anchors, merge keys, key types.
 *
 * Spec: sigs.k8s.io/yaml (YAML → JSON) over go-yaml v2: keys other than text become
 * text, a key given twice is remembered, and a document that is mostly aliases is refused (a "YAML bomb").
 */
import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';
import { resolvePlain, resolveTagged, type ScalarValue } from './scalar.ts';

/** A text that is no YAML Kubernetes accepts; offsets count from the start of the source. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

type Mapping = Record<string, unknown>;
type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type AliasEvent = Extract<Event, { type: typeof EVENT_ID.ALIAS }>;
type CollectionEvent = Extract<Event, { type: typeof EVENT_ID.SEQUENCE | typeof EVENT_ID.MAPPING }>;

/** What an anchor names. `nodes` counts its nodes with aliases followed. */
interface Anchored {
  readonly value: unknown;
  readonly nodes: number;
}

/** Stands in for the colon of `001:db8::` in a flow collection; see documents.ts. */
export const COLON_STAND_IN = '\ue000';

/** go-yaml's allowedAliasRatio: small documents may be all aliases, large ones hardly any. */
const RATIO_FROM = 400_000;
const RATIO_TO = 4_000_000;

/** Composes one document out of its events; a document's values may share anchored parts. */
export class Composer {
  readonly #source: string;
  readonly #events: readonly Event[];
  #at: number;
  /** Keys that were given twice; the last value stands. */
  readonly duplicates: { key: string; start: number; end: number }[] = [];
  #anchors = new Map<string, Anchored | 'open'>();
  #nodes = 0;
  #aliasedNodes = 0;

  /** `at`: the index of the event after the document's start. */
  constructor(source: string, events: readonly Event[], at: number) {
    this.#source = source;
    this.#events = events;
    this.#at = at;
  }

  /** Index of the event after the last one read. */
  get at(): number {
    return this.#at;
  }

  /** The next node's value. */
  compose(): unknown {
    this.#nodes += 1;
    const event = this.#events[this.#at++]!;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#anchoredScalar(event);
      case EVENT_ID.ALIAS:
        return this.#alias(event);
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        return this.#collection(event);
      default:
        this.#at -= 1;
        return null;
    }
  }

  #anchoredScalar(event: ScalarEvent): ScalarValue {
    const value = this.#scalar(event);
    if (event.anchorStart >= 0) this.#anchors.set(this.#name(event), { value, nodes: 1 });
    return value;
  }

  #scalar(event: ScalarEvent): ScalarValue {
    let text = getScalarValue(this.#source, event);
    if (text.includes(COLON_STAND_IN)) text = text.replaceAll(COLON_STAND_IN, ':');
    if (event.tagStart >= 0) {
      const tag = this.#source.slice(event.tagStart, event.tagEnd);
      const value = resolveTagged(tag, text);
      if (value !== undefined) return value;
      const message = `cannot decode !!str \`${text}\` as a ${tag}`;
      throw new YamlError(message, event.tagStart, Math.max(event.tagEnd, event.valueEnd));
    }
    return event.style === SCALAR_STYLE.PLAIN ? resolvePlain(text) : text;
  }

  #alias(event: AliasEvent): unknown {
    const name = this.#name(event);
    const anchored = this.#anchors.get(name);
    if (anchored === undefined || anchored === 'open') {
      const message = anchored
        ? `anchor '${name}' value contains itself`
        : `unknown anchor '${name}' referenced`;
      throw new YamlError(message, event.anchorStart, event.anchorEnd);
    }
    this.#nodes += anchored.nodes - 1;
    this.#aliasedNodes += anchored.nodes;
    if (isExcessive(this.#aliasedNodes, this.#nodes))
      throw new YamlError(
        'document contains excessive aliasing',
        event.anchorStart,
        event.anchorEnd,
      );
    return anchored.value;
  }

  #collection(event: CollectionEvent): unknown {
    const nodesBefore = this.#nodes;
    const name = event.anchorStart >= 0 ? this.#name(event) : undefined;
    if (name !== undefined) this.#anchors.set(name, 'open');
    const value = event.type === EVENT_ID.SEQUENCE ? this.#sequence() : this.#mapping();
    if (name !== undefined)
      this.#anchors.set(name, { value, nodes: this.#nodes - nodesBefore + 1 });
    return value;
  }

  #sequence(): unknown[] {
    const items: unknown[] = [];
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) items.push(this.compose());
    this.#at += 1;
    return items;
  }

  #mapping(): Mapping {
    const mapping: Mapping = {};
    const merged: unknown[] = [];
    for (;;) {
      const event = this.#events[this.#at]!;
      if (event.type === EVENT_ID.POP) break;
      const key = this.#key(event);
      if (key === undefined) merged.push(this.#mergeSource(event));
      else if (key === '__proto__')
        Object.defineProperty(mapping, key, { value: this.compose(), ...OPEN });
      else {
        if (Object.hasOwn(mapping, key))
          this.duplicates.push({ key, start: startOf(event), end: endOf(event) });
        mapping[key] = this.compose();
      }
    }
    this.#at += 1;
    for (const source of merged) merge(mapping, source);
    return mapping;
  }

  /** The text of a key; undefined for the merge key. */
  #key(event: Event): string | undefined {
    if (event.type === EVENT_ID.SCALAR) {
      if (event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0) {
        if (getScalarValue(this.#source, event) === '<<') {
          this.#at += 1;
          return undefined;
        }
      }
    }
    const value = this.compose();
    if (typeof value === 'object' && value !== null)
      throw new YamlError('invalid map key', startOf(event), startOf(event) + 1);
    return String(value);
  }

  #mergeSource(key: Event): unknown {
    const source = this.compose();
    const sources = Array.isArray(source) ? source : [source];
    if (sources.every((item) => isMapping(item))) return sources;
    throw new YamlError(
      'map merge requires map or sequence of maps as the value',
      startOf(key),
      startOf(key) + 2,
    );
  }

  #name(event: { anchorStart: number; anchorEnd: number }): string {
    return this.#source.slice(event.anchorStart, event.anchorEnd);
  }
}

const OPEN = { enumerable: true, writable: true, configurable: true };

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a node's text starts, without quotes, anchor or tag. */
export function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    default:
      return 0;
  }
}

/** Where a scalar's or alias' text ends. */
export function endOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueEnd;
  return event.type === EVENT_ID.ALIAS ? event.anchorEnd : startOf(event) + 1;
}

/** Own keys win over merged ones, earlier sources over later ones. */
function merge(mapping: Mapping, sources: unknown): void {
  for (const source of sources as Mapping[])
    for (const key of Object.keys(source))
      if (!Object.hasOwn(mapping, key)) mapping[key] = source[key];
}

function isExcessive(aliased: number, nodes: number): boolean {
  if (aliased <= 100 || nodes <= 1000) return false;
  const span = Math.min(Math.max((nodes - RATIO_FROM) / (RATIO_TO - RATIO_FROM), 0), 1);
  return aliased / nodes > 0.99 - 0.89 * span;
}
