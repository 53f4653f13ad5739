/**
 * Whether protobuf can read a value that the API server would refuse: right types, known enum
 * values, durations, at most one member of a choice.
 * Spec: https://protobuf.dev/programming-guides/json/
 */
import { durationNanoseconds } from '../kinds/duration.ts';
import { duration } from './duration.ts';
import { nullableUint32, uint32, uint64, type SchemaNode } from './schema-node.ts';
import { portNumber } from './port.ts';

/** Other integers may be negative for protobuf, whatever their schema says. */
const UNSIGNED: ReadonlySet<SchemaNode> = new Set([uint32, nullableUint32, uint64, portNumber]);

export function isDecodable(node: SchemaNode, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  switch (node.type) {
    case 'object':
      return isDecodableObject(node, value);
    case 'array':
      return (
        Array.isArray(value) && value.every((item) => !node.items || isDecodable(node.items, item))
      );
    case 'string':
      if (typeof value !== 'string') return false;
      if (node === duration) return durationNanoseconds(value) !== undefined;
      return !node.oneOfValues || node.oneOfValues.includes(value);
    case 'integer':
      return Number.isInteger(value) && ((value as number) >= 0 || !UNSIGNED.has(node));
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
  }
}

function isDecodableObject(node: SchemaNode, value: unknown): boolean {
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const isChosenTwice = (node.exclusive ?? []).some(
    (group) => group.filter((name) => (fields[name] ?? undefined) !== undefined).length > 1,
  );
  if (isChosenTwice) return false;
  return Object.entries(fields).every(([name, item]) => {
    const child = node.values ?? node.properties?.[name];
    return !child || isDecodable(child, item);
  });
}
