/**
 * Models how a proto3 JSON document is read: numbers may be strings, durations are text, a missing
 * field has its default.
 *
 * Spec: https://protobuf.dev/programming-guides/json/
 */
import { SECOND, type Micros } from '../../sim/time.ts';

/** One message: fields by name. */
export type Json = Readonly<Record<string, unknown>>;

const NOTHING: Json = Object.freeze({});
const NO_ITEMS: readonly Json[] = Object.freeze([]);

/** The message in a field, or undefined when the field is absent. */
export function message(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

/** The message in a field; an empty one when the field is absent. */
export function messageOrEmpty(value: unknown): Json {
  return message(value) ?? NOTHING;
}

/** The messages of a repeated field. */
export function messages(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : NO_ITEMS;
}

export function text(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((item) => String(item)) : [];
}

/** A number, also when written as text or in a wrapper message {value: …}. */
export function number(value: unknown, fallback: number): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value !== '') return Number(value);
  const wrapper = message(value);
  return wrapper ? number(wrapper['value'], 0) : fallback;
}

export function flag(value: unknown, fallback = false): boolean {
  return typeof value === 'boolean' ? value : fallback;
}

/** "1.5s" in microseconds; the fallback when the field is absent. */
export function durationUs<F extends Micros | undefined>(value: unknown, fallback: F): Micros | F {
  if (typeof value === 'string') return Math.round(Number.parseFloat(value) * SECOND);
  const parts = message(value);
  if (!parts) return fallback;
  return number(parts['seconds'], 0) * SECOND + Math.floor(number(parts['nanos'], 0) / 1000);
}

/** The message type of an Any: "…Router" of "type.googleapis.com/….Router". */
export function typeName(any: Json | undefined): string {
  const url = text(any?.['@type']);
  return url.slice(url.lastIndexOf('/') + 1);
}
