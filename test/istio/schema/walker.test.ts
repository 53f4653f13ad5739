import { describe, expect, it } from 'vitest';
import type { IstioKind } from '../../../src/istio/kinds/kinds.ts';
import { SPEC_SCHEMAS } from '../../../src/istio/schema/schemas.ts';
import { decoded, pruned, unknownFields } from '../../../src/istio/schema/strict-decoding.ts';
import { schemaProblems } from '../../../src/istio/schema/walker.ts';

const words = (kind: IstioKind, spec: unknown) =>
  schemaProblems(SPEC_SCHEMAS[kind], spec, ['spec']).map(({ message }) => message);

describe('structural schema', () => {
  it.each<[string, IstioKind, unknown, string[]]>([
    ['a field that is missing', 'DestinationRule', {}, ['spec.host: Required value']],
    [
      'a value of another type',
      'VirtualService',
      { http: [{ timeout: 5 }] },
      [
        'spec.http[0].timeout: Invalid value: "integer": spec.http[0].timeout in body must be of type string: "integer"',
      ],
    ],
    [
      'a value that is none of the known',
      'PeerAuthentication',
      { mtls: { mode: 'strict' } },
      [
        'spec.mtls.mode: Unsupported value: "strict": supported values: "UNSET", "DISABLE", "PERMISSIVE", "STRICT"',
      ],
    ],
    [
      'two members of a choice',
      'DestinationRule',
      { host: 'a', trafficPolicy: { loadBalancer: { simple: 'RANDOM', consistentHash: {} } } },
      [
        '<nil>: Invalid value: "": "spec.trafficPolicy.loadBalancer" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      'null where nothing may be null',
      'VirtualService',
      { http: [{ route: null }] },
      [
        'spec.http[0].route: Invalid value: "null": spec.http[0].route in body must be of type array: "null"',
      ],
    ],
    [
      'a duration below a millisecond',
      'DestinationRule',
      { host: 'a', trafficPolicy: { connectionPool: { tcp: { connectTimeout: '0s' } } } },
      [
        'spec.trafficPolicy.connectionPool.tcp.connectTimeout: Invalid value: "0s": must be a valid duration greater than 1ms',
      ],
    ],
    [
      'a text that is no duration',
      'VirtualService',
      { http: [{ timeout: '10 seconds' }] },
      [
        "spec.http[0].timeout: Invalid value: \"string\": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: must be a valid duration greater than 1ms",
      ],
    ],
    [
      'a name given twice in a list of type map',
      'ServiceEntry',
      {
        hosts: ['a.b'],
        ports: [
          { number: 1, name: 'x' },
          { number: 2, name: 'x' },
        ],
      },
      ['spec.ports[1]: Duplicate value: {"name":"x"}'],
    ],
  ])('refuses %s', (_, kind, spec, expected) => {
    expect(words(kind, spec)).toEqual(expected);
  });

  it('takes null where the schema says nullable', () => {
    const outlierDetection = { consecutive5xxErrors: null };
    expect(words('DestinationRule', { host: 'a', trafficPolicy: { outlierDetection } })).toEqual(
      [],
    );
  });

  it('asks no rule of what has the wrong shape', () => {
    const spec = { selector: 'a', portLevelMtls: { 80: { mode: 'STRICT' } } };
    expect(words('PeerAuthentication', spec)).toHaveLength(1);
  });
});

describe('strict decoding', () => {
  const schema = SPEC_SCHEMAS.VirtualService;

  it('names unknown fields in the order of the text, but none inside maps', () => {
    const spec = { htpp: [], http: [{ match: [{ headers: { anything: { exakt: 'a' } } }] }] };
    expect(unknownFields(schema, spec, ['spec'])).toEqual([
      ['spec', 'htpp'],
      ['spec', 'http', 0, 'match', 0, 'headers', 'anything', 'exakt'],
    ]);
    expect(pruned(schema, spec)).toEqual({ http: [{ match: [{ headers: { anything: {} } }] }] });
  });

  it('looks at nothing inside what is kept as it is', () => {
    const patch = { patch: { value: { any: { thing: 1 } } } };
    expect(unknownFields(SPEC_SCHEMAS.EnvoyFilter, { configPatches: [patch] }, [])).toEqual([]);
  });

  it('decodes null and empty lists to nothing, and old spellings to new ones', () => {
    const http = [{ mirror_percent: 5, retries: { retryRemoteLocalities: null }, match: [] }];
    expect(decoded(schema, { http, gateways: [] })).toEqual({
      http: [{ mirrorPercent: 5, retries: {} }],
    });
  });
});
