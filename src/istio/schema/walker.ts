/**
 * Holds a value against a structural schema, in the words of the API server.
 * Spec: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import { fieldPath } from './field-path.ts';
import type { SchemaNode } from './schema-node.ts';
import { EvaluationError } from './validation-rule.ts';

export interface SchemaProblem {
  readonly path: ValuePath;
  /** `spec.host: Required value` */
  readonly message: string;
}

/** What the structural schema refuses, or, when it refuses nothing, the lists and rules. */
export function schemaProblems(node: SchemaNode, value: unknown, path: ValuePath): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  checkStructure(node, value, path, problems);
  if (problems.length > 0) return problems;
  checkRules(node, value, { path, field: fieldPath(path) }, problems);
  return problems;
}

type Fields = Readonly<Record<string, unknown>>;

function checkStructure(
  node: SchemaNode,
  value: unknown,
  path: ValuePath,
  problems: SchemaProblem[],
): void {
  if (value === undefined || (value === null && node.nullable)) return;
  const at = () => fieldPath(path);
  const refuse = (detail: string) => problems.push({ path, message: `${at()}: ${detail}` });
  const type = jsonType(value);
  const isRightType = type === node.type || (type === 'integer' && node.type === 'number');
  if (!isRightType)
    refuse(`Invalid value: "${type}": ${at()} in body must be of type ${node.type}: "${type}"`);
  checkExclusive(node, isRightType ? (value as Fields) : undefined, path, problems);
  if (!isRightType) return;
  switch (node.type) {
    case 'object':
      checkObject(node, value as Fields, path, problems, refuse);
      break;
    case 'array':
      checkList(node, value as readonly unknown[], path, problems, refuse);
      break;
    case 'string':
      checkText(node, value as string, at, refuse);
      break;
    case 'integer':
    case 'number':
      if (node.minimum !== undefined && (value as number) < node.minimum)
        refuse(
          `Invalid value: ${value as number}: ${at()} in body should be greater than or equal to ${node.minimum}`,
        );
      if (node.maximum !== undefined && (value as number) > node.maximum)
        refuse(
          `Invalid value: ${value as number}: ${at()} in body should be less than or equal to ${node.maximum}`,
        );
      break;
    case 'boolean':
      break;
  }
}

function checkObject(
  node: SchemaNode,
  value: Fields,
  path: ValuePath,
  problems: SchemaProblem[],
  refuse: (detail: string) => void,
): void {
  for (const name of node.required ?? []) {
    if (value[name] !== undefined) continue;
    problems.push({ path, message: `${fieldPath([...path, name])}: Required value` });
  }
  const count = Object.keys(value).length;
  if (node.propertiesMin !== undefined && count < node.propertiesMin)
    refuse(
      `Invalid value: ${count}: ${fieldPath(path)} in body should have at least ${node.propertiesMin} properties`,
    );
  if (node.propertiesMax !== undefined && count > node.propertiesMax)
    refuse(`Too many: ${count}: must have at most ${node.propertiesMax} items`);
  for (const [name, item] of Object.entries(value)) {
    const child = node.values ?? ownProperty(node.properties, name);
    if (child) checkStructure(child, item, [...path, name], problems);
  }
}

function checkList(
  node: SchemaNode,
  items: readonly unknown[],
  path: ValuePath,
  problems: SchemaProblem[],
  refuse: (detail: string) => void,
): void {
  if (node.itemsMin !== undefined && items.length < node.itemsMin)
    refuse(
      `Invalid value: ${items.length}: ${fieldPath(path)} in body should have at least ${node.itemsMin} items`,
    );
  if (node.itemsMax !== undefined && items.length > node.itemsMax)
    refuse(`Too many: ${items.length}: must have at most ${node.itemsMax} items`);
  const child = node.items;
  if (child) items.forEach((item, at) => checkStructure(child, item, [...path, at], problems));
}

function checkText(
  node: SchemaNode,
  text: string,
  at: () => string,
  refuse: (detail: string) => void,
): void {
  if (node.oneOfValues && !node.oneOfValues.includes(text))
    refuse(
      `Unsupported value: ${JSON.stringify(text)}: supported values: ${node.oneOfValues.map((known) => JSON.stringify(known)).join(', ')}`,
    );
  if (node.lengthMin !== undefined && text.length < node.lengthMin)
    refuse(
      `Invalid value: ${JSON.stringify(text)}: ${at()} in body should be at least ${node.lengthMin} chars long`,
    );
  if (node.lengthMax !== undefined && text.length > node.lengthMax)
    refuse(`Too long: may not be more than ${node.lengthMax} bytes`);
  if (node.pattern !== undefined && !compiled(node.pattern).test(text))
    refuse(
      `Invalid value: ${JSON.stringify(text)}: ${at()} in body should match '${node.pattern}'`,
    );
}

/** `oneOf` in the CRD: none of the fields or one. A value of another type satisfies them all. */
function checkExclusive(
  node: SchemaNode,
  value: Fields | undefined,
  path: ValuePath,
  problems: SchemaProblem[],
): void {
  for (const group of node.exclusive ?? []) {
    const set = value ? group.filter((name) => value[name] !== undefined) : group;
    if (set.length < 2) continue;
    const where = `<nil>: Invalid value: "": "${fieldPath(path)}" must validate`;
    problems.push({
      path: value ? [...path, set[1] ?? ''] : path,
      message: `${where} one and only one schema (oneOf). Found ${set.length} valid alternatives`,
    });
    if ((node.exclusive?.length ?? 0) > 1)
      problems.push({ path, message: `${where} all the schemas (allOf)` });
  }
}

/** A place, and how the paths of rules spell it: the keys of maps stand in brackets. */
interface Place {
  readonly path: ValuePath;
  readonly field: string;
}

function checkRules(
  node: SchemaNode,
  value: unknown,
  { path, field }: Place,
  problems: SchemaProblem[],
): void {
  if (value === undefined || value === null) return;
  for (const { message, holds } of node.rules ?? []) {
    const verdict = holds(value as never);
    if (verdict === true) continue;
    const shown =
      verdict instanceof EvaluationError
        ? `"${jsonType(value)}": ${verdict.reason} evaluating rule: `
        : typeof value === 'object'
          ? ''
          : `${JSON.stringify(value)}: `;
    problems.push({ path, message: `${field}: Invalid value: ${shown}${message}` });
  }
  if (Array.isArray(value)) {
    checkListKey(node, value, path, problems);
    const child = node.items;
    if (!child) return;
    value.forEach((item, at) =>
      checkRules(child, item, { path: [...path, at], field: `${field}[${at}]` }, problems),
    );
  } else if (typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) {
      const child = node.values ?? ownProperty(node.properties, name);
      const inner = node.values ? `${field}[${name}]` : `${field}.${name}`;
      if (child) checkRules(child, item, { path: [...path, name], field: inner }, problems);
    }
  }
}

function checkListKey(
  { listMapKey }: SchemaNode,
  items: readonly unknown[],
  path: ValuePath,
  problems: SchemaProblem[],
): void {
  if (listMapKey === undefined) return;
  const seen = new Set<unknown>();
  items.forEach((item, at) => {
    const key = (item as Fields)[listMapKey];
    if (seen.has(key))
      problems.push({
        path: [...path, at],
        message: `${fieldPath([...path, at])}: Duplicate value: {"${listMapKey}":${JSON.stringify(key)}}`,
      });
    seen.add(key);
  });
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function ownProperty(
  properties: Readonly<Record<string, SchemaNode>> | undefined,
  name: string,
): SchemaNode | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (!regex) patterns.set(pattern, (regex = new RegExp(pattern)));
  return regex;
}
