import { describe, expect, it } from 'vitest';
import { checkTexts } from '../../../src/worker/language/check.ts';
import type { TextDiagnostic, TextEdit } from '../../../src/protocol/diagnostic.ts';

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: reviews}
spec:
  selector: {app: reviews}
  ports: [{name: http, port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1}
spec:
  selector: {matchLabels: {app: reviews}}
  template:
    metadata: {labels: {app: reviews, version: v1}}
    spec: {containers: [{name: reviews, image: reviews}]}
`;

function check(text: string): readonly TextDiagnostic[] {
  const platform = [{ path: 'applications.yaml', text: SERVICE }];
  return checkTexts([{ path: 'mine.yaml', text }], platform).diagnostics;
}

/** The text after the edits, which are applied from the end. */
function edited(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const offset = (line: number, column: number) => (starts[line - 1] ?? text.length) + column - 1;
  return [...edits]
    .sort((a, b) => offset(b.line, b.column) - offset(a.line, a.column))
    .reduce(
      (result, edit) =>
        result.slice(0, offset(edit.line, edit.column)) +
        edit.text +
        result.slice(offset(edit.endLine, edit.endColumn)),
      text,
    );
}

const rule = (policy: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
spec:
  host: reviews
${policy}`;

describe('check', () => {
  it('says nothing about what is right, the pods of the platform included', () => {
    const text = rule('  subsets:\n  - name: v1\n    labels: {version: v1}\n');
    expect(check(text)).toEqual([]);
  });

  it('shows an unknown field at its key, and moves connectTimeout under tcp', () => {
    const text = rule(`  trafficPolicy:
    connectionPool:
      http:
        connectTimeout: 1s
        maxRetries: 3
`);
    const [diagnostic] = check(text);
    expect(diagnostic).toMatchObject({
      severity: 'error',
      code: 'schema',
      message:
        'strict decoding error: unknown field "spec.trafficPolicy.connectionPool.http.connectTimeout"',
      line: 10,
      column: 9,
      endColumn: 23,
    });
    expect(edited(text, diagnostic?.fix?.edits ?? [])).toBe(
      rule(`  trafficPolicy:
    connectionPool:
      tcp:
        connectTimeout: 1s
      http:
        maxRetries: 3
`),
    );
  });

  it('leaves no empty http behind, and uses the tcp that is there', () => {
    const text = rule(`  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 1
      http:
        connectTimeout: 1s
`);
    const fixed = edited(text, check(text)[0]?.fix?.edits ?? []);
    expect(fixed).toBe(
      rule(`  trafficPolicy:
    connectionPool:
      tcp:
        connectTimeout: 1s
        maxConnections: 1
`),
    );
    expect(check(fixed)).toEqual([]);
  });

  it('replaces consecutiveErrors, a misspelt field and a misspelt value', () => {
    const text = rule(`  trafficPolicy:
    outlierDetection:
      consecutiveErrors: 5
`);
    const [warning] = check(text);
    expect(warning).toMatchObject({ severity: 'warning', code: 'admission' });
    expect(edited(text, warning?.fix?.edits ?? [])).toContain('  consecutive5xxErrors: 5');
    const typo = rule('  trafficPolicy:\n    loadBalancer:\n      simpel: RANDOM\n');
    expect(edited(typo, check(typo)[0]?.fix?.edits ?? [])).toContain('simple: RANDOM');
    const value = rule('  trafficPolicy:\n    loadBalancer:\n      simple: RANDON\n');
    expect(edited(value, check(value)[0]?.fix?.edits ?? [])).toContain('simple: RANDOM');
  });

  it('adds a missing subset to the rule in the same file', () => {
    const text = `${rule('  subsets:\n  - name: v1\n    labels: {version: v1}\n')}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {host: reviews, subset: v2}
`;
    const missing = check(text).find(({ code }) => code === 'IST0101');
    expect(missing?.fix?.title).toBe('Add subset v2 to DestinationRule reviews');
    const fixed = edited(text, missing?.fix?.edits ?? []);
    expect(check(fixed).filter(({ code }) => code === 'IST0101')).toEqual([]);
  });

  it('says where the rule is when it is in another file', () => {
    const service = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {host: reviews, subset: v2}
`;
    const { diagnostics } = checkTexts(
      [
        { path: 'routes.yaml', text: service },
        { path: 'rules.yaml', text: rule('') },
      ],
      [{ path: 'applications.yaml', text: SERVICE }],
    );
    expect(diagnostics[0]?.message).toContain(
      'add subset v2 to DestinationRule reviews in rules.yaml',
    );
  });

  it('reads what cannot be parsed and goes on with the other documents', () => {
    const diagnostics = check(`kind: [\n---\n${rule('  hots: x\n')}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['parse', 'schema']);
  });
});
