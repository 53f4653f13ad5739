/**
 * The structural schema of a custom resource, as the API server holds it.
 * Spec: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 * Simplified: only the keywords that Istio's CRDs use; numeric formats are not checked.
 */
import type { ValidationRule } from './validation-rule.ts';

export interface SchemaNode {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable?: boolean;
  readonly rules?: readonly ValidationRule[];

  /** Objects with named fields; a field that is not named is unknown. */
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  /** Groups of fields of which at most one may be set (`oneOf` in the CRD). */
  readonly exclusive?: readonly (readonly string[])[];
  /** Maps: the schema of every value. */
  readonly values?: SchemaNode;
  /** Whatever is inside is kept and not looked at. */
  readonly preserveUnknownFields?: boolean;
  readonly propertiesMin?: number;
  readonly propertiesMax?: number;

  readonly items?: SchemaNode;
  readonly itemsMin?: number;
  readonly itemsMax?: number;
  /** Lists of type `map`: the field that may not repeat. */
  readonly listMapKey?: string;

  readonly oneOfValues?: readonly string[];
  readonly pattern?: string;
  readonly lengthMin?: number;
  readonly lengthMax?: number;

  readonly minimum?: number;
  readonly maximum?: number;
}

type Constraints = Partial<Omit<SchemaNode, 'type' | 'properties' | 'items' | 'values'>>;
type Fields = Readonly<Record<string, SchemaNode>>;

export function object(properties: Fields, constraints: Constraints = {}): SchemaNode {
  return { type: 'object', properties, ...constraints };
}

export function map(values: SchemaNode, constraints: Constraints = {}): SchemaNode {
  return { type: 'object', values, ...constraints };
}

export function list(items: SchemaNode, constraints: Constraints = {}): SchemaNode {
  return { type: 'array', items, ...constraints };
}

export function text(constraints: Constraints = {}): SchemaNode {
  return { type: 'string', ...constraints };
}

export function oneOf(...oneOfValues: readonly string[]): SchemaNode {
  return { type: 'string', oneOfValues };
}

export function integer(constraints: Constraints = {}): SchemaNode {
  return { type: 'integer', ...constraints };
}

export function number(constraints: Constraints = {}): SchemaNode {
  return { type: 'number', ...constraints };
}

/** An object of which exactly one member may be set, or none. */
export function choice(properties: Fields, constraints: Constraints = {}): SchemaNode {
  return object(properties, { exclusive: [Object.keys(properties)], ...constraints });
}

export const string = text();
export const strings = list(string);
export const boolean: SchemaNode = { type: 'boolean' };
export const nullableBoolean: SchemaNode = { type: 'boolean', nullable: true };
export const int32 = integer();
export const uint32 = integer({ minimum: 0, maximum: 4_294_967_295 });
export const nullableUint32: SchemaNode = { ...uint32, nullable: true };
export const uint64 = integer({ minimum: 0 });
export const double = number();
export const anything: SchemaNode = { type: 'object', preserveUnknownFields: true };
export const stringMap = map(string);
