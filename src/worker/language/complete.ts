/** What may be typed at a place: fields of the schema, values of enums, names the files define. */
import { SERVED_KINDS } from '../../istio/kinds/kinds.ts';
import { describe, type Descriptions } from './descriptions.ts';
import type { LanguageEvent } from '../../protocol/language.ts';
import type { SchemaNode } from '../../istio/schema/schema-node.ts';
import { objectSchema, typeText } from './kind-schema.ts';
import type { KnownNames } from './known-names.ts';
import { nodeAt, placeAt, unwrapped, type Place } from './schema-place.ts';

export type Completion = Extract<LanguageEvent, { type: 'completions' }>['items'][number];

export function completionsAt(
  text: string,
  line: number,
  column: number,
  names: KnownNames,
  descriptions: Descriptions,
): Completion[] {
  const place = placeAt(text, line, column);
  if (place.path.length === 0 && place.isValue) return rootValues(place);
  const schema = objectSchema(place.apiVersion, place.kind);
  if (!schema) return place.path.length === 0 ? rootKeys(place) : [];
  const node = nodeAt(schema, place.path);
  if (!node) return [];
  const isPlainItem = place.isItem && !node.properties;
  if (place.isValue || isPlainItem) return valuesOf(place, node, names);
  return fieldsOf(place, node, descriptions);
}

function fieldsOf(place: Place, node: SchemaNode, descriptions: Descriptions): Completion[] {
  const below = place.path[0] === 'spec' ? place.path.slice(1) : undefined;
  return Object.entries(node.properties ?? {})
    .filter(([name]) => !place.siblings.has(name))
    .map(([name, field]) => ({
      label: name,
      detail: `${typeText(field)}${node.required?.includes(name) ? ', required' : ''}`,
      documentation: below ? describe(descriptions, place.kind, [...below, name]) : '',
      insertText: `${name}:${valueOpening(field)}`,
    }));
}

/** What follows the colon: a value on the line, or a block below it. */
function valueOpening(field: SchemaNode): string {
  if (field.type === 'array') return '\n- ';
  return field.type === 'object' ? '\n  ' : ' ';
}

function valuesOf(place: Place, node: SchemaNode, names: KnownNames): Completion[] {
  const field = place.key === '' ? node : unwrapped(node.properties?.[place.key]);
  const known = namesFor(place, names);
  if (known.length > 0) return known.map((name) => plain(name, 'in these files'));
  if (field?.oneOfValues) return field.oneOfValues.map((value) => plain(value, place.key));
  if (field?.type === 'boolean') return ['true', 'false'].map((value) => plain(value, place.key));
  return [];
}

function namesFor({ key, path, siblings }: Place, names: KnownNames): readonly string[] {
  if (key === 'host') return names.hosts;
  if (key === 'subset') return names.subsets.get(siblings.get('host') ?? '') ?? [];
  if (key !== '') return [];
  switch (path.at(-1)) {
    case 'gateways':
      return ['mesh', ...names.gateways];
    case 'hosts':
      return names.hosts;
    default:
      return [];
  }
}

const ROOT_KEYS = ['apiVersion', 'kind', 'metadata', 'spec'];

function rootKeys({ siblings }: Place): Completion[] {
  return ROOT_KEYS.filter((key) => !siblings.has(key)).map((key) => ({
    ...plain(key, ''),
    insertText: key === 'metadata' || key === 'spec' ? `${key}:\n  ` : `${key}: `,
  }));
}

function rootValues({ key, kind, apiVersion }: Place): Completion[] {
  const fitting = SERVED_KINDS.filter(
    (one) =>
      (key !== 'kind' || apiVersion === '' || apiVersion.startsWith(`${one.group}/`)) &&
      (key !== 'apiVersion' || kind === '' || one.kind === kind),
  );
  if (key === 'kind') return fitting.map((one) => plain(one.kind, one.group));
  if (key !== 'apiVersion') return [];
  const versions = new Set(fitting.map((one) => `${one.group}/${one.versions[0] ?? ''}`));
  return [...versions].map((version) => plain(version, ''));
}

function plain(text: string, detail: string): Completion {
  return { label: text, detail, documentation: '', insertText: text };
}
