import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SERVED_KINDS, type IstioKind } from '../../../src/istio/kinds/kinds.ts';
import type { SchemaNode } from '../../../src/istio/schema/schema-node.ts';
import { SPEC_SCHEMAS } from '../../../src/istio/schema/schemas.ts';
import { decoded } from '../../../src/istio/schema/strict-decoding.ts';
import { schemaProblems } from '../../../src/istio/schema/walker.ts';
import { admissionFindings } from '../../../src/istio/validation/admission.ts';

const CONTEXT = { name: 'x', namespace: 'default' };

function errors(kind: IstioKind, spec: object): string[] {
  const findings = admissionFindings(kind, spec as never, CONTEXT);
  return findings.errors.map(({ message }) => message);
}

describe('admission', () => {
  it.each<[string, IstioKind, object, string[]]>([
    [
      'a VirtualService needs a route',
      'VirtualService',
      { hosts: ['a'] },
      ['http, tcp or tls must be provided in virtual service'],
    ],
    [
      'a subset name has no dot',
      'DestinationRule',
      { host: 'a', subsets: [{ name: 'v2.1' }] },
      ['subset name is invalid: v2.1'],
    ],
    [
      'a wildcard stands in the first label only',
      'DestinationRule',
      { host: 'b.*.local' },
      ['domain name "*.local" invalid (label "*" invalid)'],
    ],
    [
      'retryOn has no spaces',
      'VirtualService',
      {
        hosts: ['a'],
        http: [
          {
            route: [{ destination: { host: 'a' } }],
            retries: { attempts: 1, retryOn: '5xx, reset' },
          },
        ],
      },
      ['" reset" is not a valid retryOn policy'],
    ],
    [
      'a DENY policy needs rules',
      'AuthorizationPolicy',
      { action: 'DENY' },
      [
        'invalid policy x.default: DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
      ],
    ],
  ])('%s', (_, kind, spec, expected) => {
    expect(errors(kind, spec)).toEqual(expected);
  });

  it('knows where each finding stands', () => {
    const spec = { host: 'a', subsets: [{ name: 'v1' }, { name: 'v1' }] };
    const { errors: found } = admissionFindings('DestinationRule', spec, CONTEXT);
    expect(found.map(({ path }) => path)).toEqual([['spec', 'subsets', 1, 'name']]);
  });

  it('drops warnings where istiod drops them', () => {
    const trafficPolicy = { outlierDetection: { consecutiveErrors: 5 } };
    const own = admissionFindings('DestinationRule', { host: 'a', trafficPolicy }, CONTEXT);
    const subset = { host: 'a', subsets: [{ name: 'v1', trafficPolicy }] };
    expect(own.warnings).toHaveLength(1);
    expect(admissionFindings('DestinationRule', subset, CONTEXT).warnings).toEqual([]);
  });

  it("refuses annotations that are Istio's own", () => {
    const context = { ...CONTEXT, annotations: { 'internal.istio.io/parents': 'a' } };
    const { errors: found } = admissionFindings('Sidecar', {}, context);
    expect(found.map(({ message }) => message)).toEqual([
      '"internal.istio.io/parents" annotation found, this may not be set by users',
    ]);
  });

  it.each(SERVED_KINDS.map(({ kind }) => kind))('answers for any %s the schema takes', (kind) => {
    const schema = SPEC_SCHEMAS[kind];
    fc.assert(
      fc.property(arbitrary(schema, 0), (spec) => {
        if (schemaProblems(schema, spec, ['spec']).length > 0) return;
        admissionFindings(kind, decoded(schema, spec) as never, CONTEXT);
      }),
      { seed: 7, numRuns: 25 },
    );
  });
});

const TEXTS = ['', 'a', '*', 'a.b', 'ns/a', '1s', '10.0.0.0/8', 'unix:///x', '{**}', 'v2.1', '{{'];

/** Values of a schema's shape, right or nearly so. */
function arbitrary(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  switch (node.type) {
    case 'string':
      return fc.constantFrom(...(node.oneOfValues ?? TEXTS));
    case 'integer':
      return fc.constantFrom(0, 1, -1, 80, 70_000);
    case 'number':
      return fc.constantFrom(0, 0.5, 101);
    case 'boolean':
      return fc.boolean();
    case 'array':
      if (!node.items || depth > 6) return fc.constant([]);
      return fc.array(arbitrary(node.items, depth + 1), { maxLength: 2 });
    case 'object': {
      if (node.values) {
        const values = depth > 6 ? fc.constant('a') : arbitrary(node.values, depth + 1);
        return fc.dictionary(fc.constantFrom(...TEXTS), values, { maxKeys: 2 });
      }
      if (depth > 7) return fc.constant({});
      const fields = Object.entries(node.properties ?? {}).map(
        ([name, child]) => [name, arbitrary(child, depth + 1)] as const,
      );
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(node.required ?? [])] });
    }
  }
}
