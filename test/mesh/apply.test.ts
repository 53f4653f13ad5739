import { beforeEach, describe, expect, it } from 'vitest';
import { ApiServer } from '../../src/kube/api-server.ts';
import { registerWebhooks } from '../../src/mesh/admission.ts';
import { applyFiles, type ApplyOutcome } from '../../src/mesh/apply.ts';
import { Manifests } from '../../src/mesh/manifests.ts';
import { Simulation } from '../../src/sim/simulation.ts';

let api: ApiServer;
let manifests: Manifests;
let isIstiodReachable: boolean;

beforeEach(() => {
  api = new ApiServer(new Simulation(1), { createsNamespaces: true });
  manifests = new Manifests();
  isIstiodReachable = true;
  registerWebhooks(api, () => isIstiodReachable);
});

const serviceText = (name: string, port = 80) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${name}}, ports: [{name: http, port: ${port}}]}\n`;
const rule = (name: string, spec = 'host: web') =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
const documents = (...texts: string[]) => texts.join('---\n');

function put(text: string, path = 'a.yaml'): ApplyOutcome {
  return applyFiles([{ path, text }], api, manifests);
}

/** "created Service/default/web", sorted as they were handled. */
const fates = ({ documents: all }: ApplyOutcome) =>
  all.map(({ outcome, kind, namespace, name }) => `${outcome} ${kind}/${namespace}/${name}`);

const exists = (kind: string, name: string) => api.get(kind, 'default', name) !== undefined;

describe('applying a file', () => {
  it('says created, then unchanged, then configured, then deleted', () => {
    expect(fates(put(serviceText('web')))).toEqual(['created Service/default/web']);
    expect(fates(put(serviceText('web')))).toEqual(['unchanged Service/default/web']);
    expect(fates(put(serviceText('web', 81)))).toEqual(['configured Service/default/web']);
    expect(fates(put(serviceText('shop')))).toEqual([
      'created Service/default/shop',
      'deleted Service/default/web',
    ]);
    expect(exists('Service', 'web')).toBe(false);
  });

  it('takes what is right beside a broken document, and says where that one breaks', () => {
    const outcome = put(documents(serviceText('web'), 'a: [1\n', rule('web')));
    expect(outcome.documents.map((one) => one.outcome)).toEqual(['created', 'refused', 'created']);
    expect(outcome.documents[1]!.errors.length).toBe(1);
    const [broken] = outcome.diagnostics.filter(({ severity }) => severity === 'error');
    expect(broken).toMatchObject({ path: 'a.yaml', code: 'parse' });
    expect(broken!.line).toBeGreaterThanOrEqual(6);
    expect(broken!.line).toBeLessThanOrEqual(8);
  });

  it('refuses what istiod refuses, with its words and the line', () => {
    const outcome = put(documents(serviceText('web'), rule('bad', 'host: ""')));
    expect(outcome.documents[1]).toMatchObject({ kind: 'DestinationRule', outcome: 'refused' });
    expect(outcome.documents[1]!.errors.join()).not.toBe('');
    const [where] = outcome.diagnostics.filter(({ severity }) => severity === 'error');
    expect(where!.line).toBeGreaterThanOrEqual(6);
    expect(where!.line).toBeLessThanOrEqual(9);
  });

  it('deletes nothing because of a file of which something was refused', () => {
    put(documents(serviceText('web'), rule('web')));
    const outcome = put(documents(rule('web'), rule('bad', 'hots: web')));
    expect(fates(outcome)).toEqual([
      'unchanged DestinationRule/default/web',
      'refused DestinationRule/default/bad',
    ]);
    expect(exists('Service', 'web')).toBe(true);
    expect(fates(put(rule('web')))).toContain('deleted Service/default/web');
  });

  it('keeps an object that has moved to another file, in whatever order these come', () => {
    put(documents(serviceText('web'), rule('web')), 'a.yaml');
    const a = { path: 'a.yaml', text: serviceText('web') };
    const b = { path: 'b.yaml', text: rule('web') };
    expect(fates(applyFiles([a, b], api, manifests))).toEqual([
      'unchanged Service/default/web',
      'unchanged DestinationRule/default/web',
    ]);
    const back = { path: 'a.yaml', text: documents(serviceText('web'), rule('web')) };
    const empty = { path: 'b.yaml', text: '' };
    expect(fates(applyFiles([empty, back], api, manifests))).toEqual([
      'unchanged Service/default/web',
      'unchanged DestinationRule/default/web',
    ]);
  });

  it('has nothing to say of an object that somebody has deleted before', () => {
    put(documents(serviceText('web'), rule('web')));
    api.delete('DestinationRule', 'default', 'web');
    expect(fates(put(serviceText('web')))).toEqual(['unchanged Service/default/web']);
  });

  it('refuses a kind that the cluster does not have', () => {
    const outcome = put('apiVersion: example.com/v1\nkind: Elephant\nmetadata: {name: e}\n');
    expect(outcome.documents).toMatchObject([{ kind: 'Elephant', outcome: 'refused' }]);
    expect(outcome.documents[0]!.errors[0]).toContain('no matches for kind "Elephant"');
  });

  it('puts namespaces first, wherever they stand in the file', () => {
    const strict = new ApiServer(new Simulation(1));
    const inShop = serviceText('web').replace('{name: web}', '{name: web, namespace: shop}');
    const text = documents(inShop, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
    const outcome = applyFiles([{ path: 'a.yaml', text }], strict, manifests);
    expect(fates(outcome)).toEqual(['created Namespace//shop', 'created Service/shop/web']);
  });
});

describe('a text that means harm', () => {
  it('is refused when its aliases multiply, in time', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 1; at < 12; at++) {
      const [one, before] = [at, at - 1].map((n) => String.fromCharCode(97 + n));
      levels.push(`${one}: &${one} [${new Array(9).fill(`*${before}`).join(',')}]`);
    }
    const begin = performance.now();
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n${levels.join('\n')}\n`;
    const outcome = put(documents(text, serviceText('web')));
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(outcome.documents.map((one) => one.outcome)).toEqual(['refused', 'created']);
  });

  it('of a megabyte is answered in time', () => {
    const many = Array.from({ length: 8000 }, (_, at) => serviceText(`web-${at}`));
    const text = documents(...many);
    expect(text.length).toBeGreaterThan(900_000);
    const begin = performance.now();
    const outcome = put(text);
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(outcome.documents.every((one) => one.outcome === 'created')).toBe(true);
  });
});

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: injected}
spec: {containers: [{name: web, image: web}]}
`;
const INJECTED =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: injected, labels: {istio-injection: enabled}}\n';

describe('without istiod', () => {
  beforeEach(() => void (isIstiodReachable = false));

  it("Istio's resources are refused because nobody answers the validation webhook", () => {
    const outcome = put(documents(rule('web'), serviceText('web')));
    expect(outcome.documents.map((one) => one.outcome)).toEqual(['refused', 'created']);
    expect(outcome.documents[0]!.errors).toEqual([
      'Internal error occurred: failed calling webhook "rev.validation.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/validate?timeout=10s": no endpoints available for service "istiod"',
    ]);
  });

  it('pods that are to be injected are refused, others are not', () => {
    const outside = POD.replace('namespace: injected', 'namespace: default');
    const outcome = put(documents(INJECTED, POD, outside));
    expect(fates(outcome)).toEqual([
      'created Namespace//injected',
      'refused Pod/injected/web',
      'created Pod/default/web',
    ]);
    expect(outcome.documents[1]!.errors[0]).toMatch(
      /failed calling webhook "namespace\.sidecar-injector\.istio\.io".*no endpoints available/,
    );
  });

  it('Istio’s resources can still be deleted', () => {
    isIstiodReachable = true;
    put(rule('web'));
    isIstiodReachable = false;
    expect(fates(put(''))).toEqual(['deleted DestinationRule/default/web']);
  });
});

describe('the place of an object', () => {
  it('is the file and the lines of the value', () => {
    put(
      documents(
        serviceText('web'),
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: web\nspec:\n  host: web\n  subsets:\n  - name: v1\n    labels:\n      version: v1\n',
      ),
    );
    const key = { kind: 'DestinationRule', namespace: 'default', name: 'web' };
    expect(manifests.place(key, ['spec', 'host'])).toMatchObject({ path: 'a.yaml', line: 11 });
    expect(manifests.place(key, ['spec', 'subsets', 0])).toMatchObject({ line: 13, endLine: 15 });
    expect(manifests.place({ ...key, name: 'other' }, ['spec'])).toBeUndefined();
  });
});
