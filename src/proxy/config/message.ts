/**
 * Models one protobuf message in its JSON form, as xDS resources arrive: typed reading of fields,
 * once, when a configuration is compiled. Nothing on the request path reads JSON.
 *
 * Spec: https://protobuf.dev/programming-guides/json/
 */
import type { Micros } from '../../sim/time.ts';
import { ConfigError } from './config-error.ts';
import { parseDuration } from './duration.ts';

const TYPE_PREFIX = 'type.googleapis.com/';
const TYPED_STRUCTS = ['udpa.type.v1.TypedStruct', 'xds.type.v3.TypedStruct'];

export class Message {
  readonly json: Readonly<Record<string, unknown>>;
  /** Where it stands, for errors: "static_resources.clusters[0]". */
  readonly path: string;

  constructor(json: unknown, path = '') {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new ConfigError(`${path || 'configuration'}: expected '{'`);
    this.json = json as Record<string, unknown>;
    this.path = path;
  }

  has(field: string): boolean {
    return this.json[field] !== undefined && this.json[field] !== null;
  }

  /** A string; "" when it is not set. */
  text(field: string): string {
    const value = this.json[field];
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    throw this.#wrong(field, 'a string', value);
  }

  /** A number, also written as a string, also wrapped (UInt32Value is plain JSON). */
  number(field: string): number | undefined {
    const value = this.json[field];
    if (value === undefined || value === null) return undefined;
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return number;
    throw this.#wrong(field, 'a number', value);
  }

  boolean(field: string): boolean | undefined {
    const value = this.json[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.#wrong(field, 'a boolean', value);
  }

  flag(field: string): boolean {
    return this.boolean(field) ?? false;
  }

  durationUs(field: string): Micros | undefined {
    const value = this.json[field];
    if (value === undefined || value === null) return undefined;
    return parseDuration(value, this.#place(field));
  }

  /** A message; undefined when it is not set. */
  message(field: string): Message | undefined {
    const value = this.json[field];
    if (value === undefined || value === null) return undefined;
    return new Message(value, this.#place(field));
  }

  /** A message; an empty one when it is not set. */
  messageOrEmpty(field: string): Message {
    return this.message(field) ?? new Message({}, this.#place(field));
  }

  messages(field: string): Message[] {
    return this.#list(field).map((value, i) => new Message(value, `${this.#place(field)}[${i}]`));
  }

  texts(field: string): string[] {
    return this.#list(field).map((value) => {
      if (typeof value === 'string') return value;
      throw this.#wrong(field, 'strings', value);
    });
  }

  numbers(field: string): number[] {
    return this.#list(field).map(Number);
  }

  /** A map field with message values, in the order in which it is written. */
  entries(field: string): [string, Message][] {
    const value = this.message(field);
    if (!value) return [];
    return Object.entries(value.json).map(([key, inner]) => [
      key,
      new Message(inner, `${value.path}[${key}]`),
    ]);
  }

  /** The first of the fields of a oneof that is set. */
  oneof<Field extends string>(...fields: Field[]): Field | undefined {
    return fields.find((field) => this.has(field));
  }

  /** An Any field, e.g. typed_config: its message name and the message. */
  any(field: string): TypedMessage | undefined {
    return this.message(field)?.asAny();
  }

  /** This message as the content of an Any; TypedStruct is looked through. */
  asAny(): TypedMessage {
    const type = typeName(this.text('@type'));
    if (!TYPED_STRUCTS.includes(type)) return { type, message: this };
    return { type: typeName(this.text('type_url')), message: this.messageOrEmpty('value') };
  }

  /** A FractionalPercent in parts per million; undefined when it is not set. */
  perMillion(field: string): number | undefined {
    const fraction = this.message(field);
    if (!fraction) return undefined;
    return fractionPerMillion(fraction);
  }

  #list(field: string): readonly unknown[] {
    const value = this.json[field];
    if (value === undefined || value === null) return [];
    // Envoy's YAML loader takes a single value where a list is wanted.
    return Array.isArray(value) ? value : [value];
  }

  #place(field: string): string {
    return this.path ? `${this.path}.${field}` : field;
  }

  #wrong(field: string, wanted: string, value: unknown): ConfigError {
    return new ConfigError(`${this.#place(field)}: ${JSON.stringify(value)} is not ${wanted}`);
  }
}

export interface TypedMessage {
  /** "envoy.extensions.filters.http.router.v3.Router". */
  readonly type: string;
  readonly message: Message;
}

export function typeName(url: string): string {
  return url.startsWith(TYPE_PREFIX) ? url.slice(TYPE_PREFIX.length) : url;
}

/** FractionalPercent: numerator over HUNDRED, TEN_THOUSAND or MILLION. */
export function fractionPerMillion(fraction: Message): number {
  const numerator = fraction.number('numerator') ?? 0;
  const denominator = fraction.json['denominator'];
  if (denominator === 'MILLION' || denominator === 2) return numerator;
  return numerator * (denominator === 'TEN_THOUSAND' || denominator === 1 ? 100 : 10_000);
}
