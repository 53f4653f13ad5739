// Our schemas against Istio's own CRDs, keyword by keyword.
import fs from 'node:fs';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { SERVED_KINDS, type IstioKind } from '../../../src/istio/kinds/kinds.ts';
import type { SchemaNode } from '../../../src/istio/schema/schema-node.ts';
import { SPEC_REQUIRED, SPEC_SCHEMAS } from '../../../src/istio/schema/schemas.ts';
import { sharedFolder } from '../../support/shared-data.ts';

interface OpenApi {
  type?: string;
  properties?: Record<string, OpenApi>;
  items?: OpenApi;
  additionalProperties?: OpenApi;
  required?: string[];
  enum?: string[];
  oneOf?: { required?: string[] }[];
  allOf?: OpenApi[];
  [keyword: string]: unknown;
}

interface Definition {
  spec: {
    group: string;
    names: { kind: string; plural: string };
    versions: {
      name: string;
      served: boolean;
      schema: { openAPIV3Schema: OpenApi & { properties: { spec: OpenApi } } };
    }[];
  };
}

/** CRD keyword → ours, where the value is taken over as it is. */
const KEYWORDS: Readonly<Record<string, keyof SchemaNode>> = {
  type: 'type',
  nullable: 'nullable',
  pattern: 'pattern',
  minLength: 'lengthMin',
  maxLength: 'lengthMax',
  minimum: 'minimum',
  maximum: 'maximum',
  minItems: 'itemsMin',
  maxItems: 'itemsMax',
  minProperties: 'propertiesMin',
  maxProperties: 'propertiesMax',
  enum: 'oneOfValues',
  'x-kubernetes-preserve-unknown-fields': 'preserveUnknownFields',
};

/** Our spelling of a CRD schema, with rules as texts. */
function translated(schema: OpenApi): Record<string, unknown> {
  const node: Record<string, unknown> = {};
  for (const [keyword, name] of Object.entries(KEYWORDS))
    if (schema[keyword] !== undefined) node[name] = schema[keyword];
  if (schema.properties) node['properties'] = each(schema.properties, translated);
  if (schema.additionalProperties) node['values'] = translated(schema.additionalProperties);
  if (schema.items) node['items'] = translated(schema.items);
  if (schema.required) node['required'] = [...schema.required].sort();
  const groups = [schema, ...(schema.allOf ?? [])].filter((part) => part.oneOf);
  if (groups.length > 0)
    node['exclusive'] = groups.map((part) =>
      part.oneOf!.flatMap((alternative) => alternative.required ?? []).sort(),
    );
  const keys = schema['x-kubernetes-list-map-keys'] as string[] | undefined;
  if (keys) node['listMapKey'] = keys.join();
  const rules = schema['x-kubernetes-validations'] as { rule: string; message: string }[];
  if (rules) node['rules'] = rules.map(({ rule, message }) => ({ rule, message }));
  return node;
}

function plain(schema: SchemaNode): Record<string, unknown> {
  const { properties, values, items, required, exclusive, rules, ...rest } = schema;
  return {
    ...rest,
    ...(properties && { properties: each(properties, plain) }),
    ...(values && { values: plain(values) }),
    ...(items && { items: plain(items) }),
    ...(required && { required: [...required].sort() }),
    ...(exclusive && { exclusive: exclusive.map((group) => [...group].sort()) }),
    ...(rules && { rules: rules.map(({ rule, message }) => ({ rule, message })) }),
  };
}

function each<From, To>(record: Readonly<Record<string, From>>, change: (from: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

const folder = sharedFolder('conformance/istio/crds');
describe.skipIf(!folder)('structural schemas', () => {
  const definitions = folder
    ? (loadAll(fs.readFileSync(`${folder}/crd-all.gen.yaml`, 'utf8')).filter(
        Boolean,
      ) as Definition[])
    : [];

  it.each(definitions.map(({ spec }) => [spec.names.kind, spec] as const))(
    '%s is as its CRD says',
    (name, { group, names, versions }) => {
      const kind = name as IstioKind;
      expect(SERVED_KINDS.find((entry) => entry.kind === kind)).toMatchObject({
        group,
        plural: names.plural,
        versions: versions.map((version) => version.name),
      });
      for (const { schema } of versions) {
        const root = schema.openAPIV3Schema;
        expect(plain(SPEC_SCHEMAS[kind])).toEqual(translated(root.properties.spec));
        expect(SPEC_REQUIRED.has(kind)).toBe((root.required ?? []).includes('spec'));
      }
    },
  );
});
