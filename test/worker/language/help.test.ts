import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../../src/kube/yaml/documents.ts';
import { completionsAt } from '../../../src/worker/language/complete.ts';
import descriptions from '../../../src/worker/language/descriptions.json';
import { hoverAt } from '../../../src/worker/language/hover.ts';
import { knownNames } from '../../../src/worker/language/known-names.ts';

const KNOWN = knownNames(
  readDocuments(`apiVersion: v1
kind: Service
metadata: {name: reviews}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front}
spec: {servers: []}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, subsets: [{name: v1}, {name: v2}]}
`),
);

/** Completes at the "|" in the text. */
function complete(text: string) {
  const at = text.indexOf('|');
  const before = text.slice(0, at).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const whole = text.slice(0, at) + text.slice(at + 1);
  return completionsAt(whole, before.length, column, KNOWN, descriptions);
}
const labels = (text: string) => complete(text).map(({ label }) => label);

const HEAD = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: x\n';

describe('completion', () => {
  it('offers the fields of the place that are not there yet', () => {
    const offered = labels(`${HEAD}spec:\n  hosts: [reviews]\n  |`);
    expect(offered).toEqual(['exportTo', 'gateways', 'http', 'tcp', 'tls']);
  });

  it('knows the place inside lists, whichever way they are indented', () => {
    for (const gap of ['', '  ']) {
      const text = `${HEAD}spec:\n  http:\n  ${gap}- match:\n    ${gap}- uri: {prefix: /}\n    ${gap}|`;
      expect(labels(text)).toContain('timeout');
      expect(labels(text)).not.toContain('match');
    }
    expect(labels(`${HEAD}spec:\n  http:\n  - |`)).toContain('route');
    expect(labels(`${HEAD}spec:\n  http:\n  - route:\n    - destination:\n        |`)).toEqual([
      'host',
      'port',
      'subset',
    ]);
  });

  it('works while a key is half typed, and below broken lines', () => {
    expect(labels(`${HEAD}spec:\n  http:\n  - rou|`)).toContain('route');
    expect(labels(`${HEAD}spec:\n  hosts: [\n  ht|`)).toContain('http');
  });

  it('offers values: enums, known hosts, their subsets, gateways', () => {
    const route = `${HEAD}spec:\n  http:\n  - route:\n    - destination:\n`;
    expect(labels(`${route}        host: |`)).toEqual(['reviews']);
    expect(labels(`${route}        host: reviews\n        subset: |`)).toEqual(['v1', 'v2']);
    expect(labels(`${HEAD}spec:\n  gateways:\n  - |`)).toEqual(['mesh', 'front']);
    const peer = 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec:\n  mtls:\n';
    expect(labels(`${peer}    mode: |`)).toContain('STRICT');
  });

  it('offers kinds and versions in an empty document', () => {
    expect(labels('a: b\n---\n|')).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(labels('apiVersion: security.istio.io/v1\nkind: |')).toContain('PeerAuthentication');
    expect(labels('kind: Sidecar\napiVersion: |')).toEqual(['networking.istio.io/v1']);
  });

  it('opens a block for objects and a list for lists', () => {
    const [exportTo] = complete(`${HEAD}spec:\n  hosts: [a]\n  exp|`);
    expect(exportTo).toMatchObject({ insertText: 'exportTo:\n- ', detail: 'list of string' });
  });
});

describe('hover', () => {
  it('says type, values and what the field is for', () => {
    const text =
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec:\n  mtls:\n    mode: STRICT\n';
    const markdown = hoverAt(text, 5, 6, descriptions);
    expect(markdown).toMatch(/^\*\*mode\*\* `UNSET \| DISABLE \| PERMISSIVE \| STRICT`\n\n\S/);
  });

  it("finds the description of a subset's policy where the rule's own is", () => {
    const text = `kind: DestinationRule\nspec:\n  subsets:\n  - name: v1\n    trafficPolicy:\n      connectionPool:\n        tcp:\n          maxConnections: 1\n`;
    expect(hoverAt(text, 8, 14, descriptions)).toMatch(/^\*\*maxConnections\*\* `integer`\n\n\S/);
  });

  it('says nothing where nothing is known', () => {
    expect(hoverAt('kind: Service\nspec:\n  ports: []\n', 3, 4, descriptions)).toBe('');
  });
});
