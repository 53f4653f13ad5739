import { describe, expect, it } from 'vitest';
import { analyzeDocuments, type AnalysisOptions } from '../../../src/istio/analysis/analyze.ts';
import { parseSuppression } from '../../../src/istio/analysis/suppression.ts';
import { readDocuments } from '../../../src/kube/yaml/documents.ts';

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {app: a}, ports: [{name: http, port: 80}]}
`;
const virtualService = (name: string, extra = '') => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}${extra}}
spec:
  hosts: [a]
  http:
  - route:
    - destination: {host: b}
    - destination: {host: b}
      weight: 1
`;

function codes(text: string, options: AnalysisOptions = {}): string[] {
  return analyzeDocuments(readDocuments(text, 'x.yaml'), options).map(
    ({ code, origin }) => `${code} ${origin}`,
  );
}

describe('analyze', () => {
  it('sorts by level, code and origin, and says a thing twice only in two places', () => {
    expect(codes(`${SERVICE}${virtualService('z')}${virtualService('x')}`)).toEqual([
      'IST0101 VirtualService default/x',
      'IST0101 VirtualService default/x',
      'IST0101 VirtualService default/z',
      'IST0101 VirtualService default/z',
      'IST0109 VirtualService default/x',
      'IST0109 VirtualService default/z',
    ]);
  });

  it('knows the line of a field', () => {
    const [first] = analyzeDocuments(readDocuments(`${SERVICE}${virtualService('x')}`, 'x.yaml'));
    expect(first).toMatchObject({
      message: 'Referenced host not found: "b"',
      path: '{.spec.http[0].route[0].destination.host}',
      file: 'x.yaml',
      range: { line: 13, column: 27 },
    });
  });

  it('leaves out what is suppressed, by annotation or by request', () => {
    const annotated = `, annotations: {galley.istio.io/analyze-suppress: "IST0101,IST0109"}`;
    expect(codes(`${SERVICE}${virtualService('x', annotated)}`)).toEqual([]);
    for (const text of ['IST0101=VirtualService default/*', 'IST0101=VirtualService x.default']) {
      const suppression = parseSuppression(text);
      expect(suppression).toBeDefined();
      const suppressions = suppression ? [suppression] : [];
      expect(codes(`${SERVICE}${virtualService('x')}`, { suppressions })).toEqual([]);
    }
  });

  it('keeps to one namespace when asked to', () => {
    const text = `${SERVICE}${virtualService('x')}${virtualService('z', ', namespace: other')}`;
    const all = codes(text, { onlyNamespace: 'other' });
    expect(new Set(all)).toEqual(new Set(['IST0101 VirtualService other/z']));
  });

  it('sees pods of workloads and defaults when files are looked at as applied', () => {
    const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec: {host: a, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {metadata: {labels: {app: a, version: v1}}, spec: {containers: [{name: a}]}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {istio-injection: enabled}}
`;
    expect(codes(`${SERVICE}${rule}`)).toEqual(['IST0173 DestinationRule default/a']);
    expect(codes(`${SERVICE}${rule}`, { asApplied: true })).toEqual([]);
  });

  it('passes over what protobuf could not decode', () => {
    const odd = virtualService('x').replace('hosts: [a]', 'hosts: 5');
    expect(codes(`${SERVICE}${odd}`)).toEqual([]);
  });
});
