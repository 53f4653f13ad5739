/**
 * Models the record of a run: typed events, numbers only, with a running hash.
 *
 * Two runs are the same run exactly if their hashes are equal. Text (pod names, flags) enters as
 * the number `intern` gives it, once hashed when first seen; so recording an event costs a few
 * multiplications and no allocation.
 */
import { fnv1a } from './hash.ts';
import type { Micros } from './time.ts';

/** One kind of event. `fields` names its up to four numbers; a field ending in "$" is interned text. */
export interface EventKind {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly string[];
}

export type TraceSink = (
  kind: EventKind,
  time: Micros,
  a: number,
  b: number,
  c: number,
  d: number,
) => void;

/** Declares a kind of event; the name is its identity in hashes and files. */
export function eventKind(name: string, ...fields: string[]): EventKind {
  if (fields.length > 4) throw new RangeError(`${name}: at most four fields`);
  return { id: fnv1a(name), name, fields };
}

export class Trace {
  #low = 0x9e3779b9 | 0;
  #high = 0x85ebca6b | 0;
  #count = 0;
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #sinks: TraceSink[] = [];

  /** How many events have been recorded. */
  get count(): number {
    return this.#count;
  }

  /** The running hash, 16 hexadecimal digits. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  record(kind: EventKind, time: Micros, a = 0, b = 0, c = 0, d = 0): void {
    this.#count += 1;
    this.#mix(kind.id);
    this.#mix(time);
    this.#mix(a);
    this.#mix(b);
    this.#mix(c);
    this.#mix(d);
    for (let i = 0; i < this.#sinks.length; i++) this.#sinks[i]!(kind, time, a, b, c, d);
  }

  /** The number that stands for a text in this trace. */
  intern(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    this.#numbers.set(text, number);
    this.#texts.push(text);
    this.#mix(fnv1a(text));
    return number;
  }

  /** The text of a number that `intern` gave. */
  text(number: number): string {
    return this.#texts[number] ?? '';
  }

  /** Calls `sink` for each event from now on; the returned function ends that. */
  subscribe(sink: TraceSink): () => void {
    this.#sinks.push(sink);
    return () => {
      const at = this.#sinks.indexOf(sink);
      if (at >= 0) this.#sinks.splice(at, 1);
    };
  }

  #mix(value: number): void {
    const low = value | 0;
    const high = ((value - (low >>> 0)) / 4_294_967_296) | 0;
    this.#low = Math.imul(this.#low ^ low, 0x01000193) + 0x3c6ef372;
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ high, 0x27d4eb2f) + 0x165667b1;
  }
}
