/**
 * Fields that a schema does not know: the strict API server names them, the lenient one prunes them.
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { SchemaNode } from './schema-node.ts';

/** Paths of unknown fields, in the order in which they are written. */
export function unknownFields(
  node: SchemaNode,
  value: unknown,
  path: ValuePath,
  found: ValuePath[] = [],
): ValuePath[] {
  if (node.preserveUnknownFields || typeof value !== 'object' || value === null) return found;
  if (Array.isArray(value)) {
    const child = node.items;
    if (child) value.forEach((item, at) => unknownFields(child, item, [...path, at], found));
    return found;
  }
  for (const [name, item] of Object.entries(value)) {
    const child = childOf(node, name);
    if (child) unknownFields(child, item, [...path, name], found);
    else if (node.properties) found.push([...path, name]);
  }
  return found;
}

/** The value without unknown fields; the same object when there are none. */
export function pruned(node: SchemaNode, value: unknown): unknown {
  if (node.preserveUnknownFields || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const child = node.items;
    return child ? value.map((item) => pruned(child, item)) : value;
  }
  const kept: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const child = childOf(node, name);
    if (child) kept[name] = pruned(child, item);
    else if (!node.properties) kept[name] = item;
  }
  return kept;
}

/** Spellings of the same field that the API takes beside its usual one. */
const ALIASES = new Map([
  ['jwks_uri', 'jwksUri'],
  ['mirror_percent', 'mirrorPercent'],
]);

/**
 * A value that the schema has accepted, as protobuf holds it: null, empty lists and empty maps are
 * the same as nothing. Parts that stay as they are are shared with the original.
 */
export function decoded(node: SchemaNode, value: unknown): unknown {
  if (node.preserveUnknownFields || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const child = node.items;
    return child ? value.map((item) => decoded(child, item)) : value;
  }
  const fields: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const child = childOf(node, name);
    if (!child || isNothing(child, item)) continue;
    fields[ALIASES.get(name) ?? name] = decoded(child, item);
  }
  return fields;
}

function isNothing(node: SchemaNode, value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return node.values !== undefined && Object.keys(value as object).length === 0;
}

function childOf(node: SchemaNode, name: string): SchemaNode | undefined {
  if (node.values) return node.values;
  return node.properties && Object.hasOwn(node.properties, name)
    ? node.properties[name]
    : undefined;
}
