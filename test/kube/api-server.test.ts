import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../src/kube/api-server.ts';
import { kubectlWords } from '../../src/kube/api/api-error.ts';
import type { AdmissionWebhook } from '../../src/kube/api/admission.ts';
import type { KubeObject } from '../../src/kube/objects/metadata.ts';
import type { Service } from '../../src/kube/objects/service.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { SECOND } from '../../src/sim/time.ts';

const map = (name: string, data: Record<string, string> = {}, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...extra },
  data,
});
const start = () => new ApiServer(new Simulation(1));
const words = (result: ReturnType<ApiServer['create']>) =>
  result.ok ? 'ok' : kubectlWords(result.error);

describe('the API server', () => {
  it('gives every object an identity and every write a version', () => {
    const api = start();
    const first = api.create(map('a'));
    if (!first.ok) throw new Error(first.error.message);
    const { uid, resourceVersion, creationTimestamp, generation } = first.object.metadata;
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(creationTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(generation).toBe(1);
    const second = api.update(map('a', { x: '1' }));
    if (!second.ok) throw new Error(second.error.message);
    expect(second.object.metadata.uid).toBe(uid);
    expect(Number(second.object.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
  });

  it('refuses a write that is based on an old version', () => {
    const api = start();
    const created = api.create(map('a'));
    if (!created.ok) throw new Error();
    api.update(map('a', { x: '1' }));
    const stale = { ...created.object, data: { x: '2' } };
    expect(words(api.update(stale))).toBe(
      'Error from server (Conflict): Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('refuses in kubectl’s words', () => {
    const api = start();
    api.create(map('a'));
    expect(words(api.create(map('a')))).toBe(
      'Error from server (AlreadyExists): configmaps "a" already exists',
    );
    expect(words(api.delete('ConfigMap', 'default', 'b'))).toBe(
      'Error from server (NotFound): configmaps "b" not found',
    );
    expect(words(api.create(map('a', {}, { namespace: 'nowhere' })))).toBe(
      'Error from server (NotFound): namespaces "nowhere" not found',
    );
    expect(words(api.create({ ...map('a'), apiVersion: 'v2' }))).toContain(
      'no matches for kind "ConfigMap" in version "v2"',
    );
    expect(words(api.create(map('A_b')))).toContain(
      'a lowercase RFC 1123 subdomain must consist of',
    );
  });

  it('patches: mappings merge, null removes', () => {
    const api = start();
    api.create(map('a', { x: '1', y: '2' }));
    api.patch('ConfigMap', 'default', 'a', { data: { x: null, z: '3' } });
    expect(api.get('ConfigMap', 'default', 'a')!.data).toEqual({ y: '2', z: '3' });
  });

  it('applies: what was applied before and is gone is removed, what others set stays', () => {
    const api = start();
    expect(api.apply(map('a', { x: '1', y: '2' })).action).toBe('created');
    expect(api.apply(map('a', { x: '1', y: '2' })).action).toBe('unchanged');
    api.patch('ConfigMap', 'default', 'a', { data: { other: 'kept' } });
    expect(api.apply(map('a', { y: '3' })).action).toBe('configured');
    expect(api.get('ConfigMap', 'default', 'a')!.data).toEqual({ y: '3', other: 'kept' });
  });

  it('a dry run changes nothing', () => {
    const api = start();
    expect(api.apply(map('a'), { dryRun: true }).action).toBe('created');
    expect(api.get('ConfigMap', 'default', 'a')).toBeUndefined();
  });

  it('finds by labels, equal or of a set', () => {
    const api = start();
    api.create(map('a', {}, { labels: { app: 'web', tier: 'front' } }));
    api.create(map('b', {}, { labels: { app: 'web' } }));
    api.create(map('c'));
    const names = (selector: object) =>
      api
        .list('ConfigMap', { namespace: 'default', selector })
        .map(({ metadata }) => metadata.name);
    expect(names({ matchLabels: { app: 'web' } })).toEqual(['a', 'b']);
    expect(names({ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] })).toEqual([
      'b',
      'c',
    ]);
    api.patch('ConfigMap', 'default', 'a', { metadata: { labels: { app: 'other' } } });
    expect(names({ matchLabels: { app: 'web' } })).toEqual(['b']);
    expect(names({ matchLabels: {} })).toEqual(['a', 'b', 'c']);
  });

  it('gives services stable addresses and refuses one that is taken', () => {
    const service = (name: string, clusterIP?: string): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ port: 80 }], ...(clusterIP && { clusterIP }) },
    });
    const ipOf = (api: ApiServer) => {
      api.create(service('web'));
      return api.get<Service>('Service', 'default', 'web')!.spec.clusterIP!;
    };
    const crowded = start();
    crowded.create(service('first'));
    expect(ipOf(crowded)).toBe(ipOf(start()));
    expect(words(crowded.create(service('thief', ipOf(start()))))).toContain(
      'provided IP is already allocated',
    );
  });
});

describe('a watch', () => {
  it('tells of what there is, then of changes in order, never from within a write', () => {
    const api = start();
    api.create(map('a'));
    const seen: string[] = [];
    api.watch('ConfigMap', ({ type, object }) => {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === 'ADDED' && object.metadata.name === 'b') api.delete('ConfigMap', 'default', 'a');
    });
    api.create(map('b'));
    expect(seen).toEqual([]);
    api.simulation.runUntil(SECOND);
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'DELETED a']);
  });
});

describe('owners', () => {
  const owned = (name: string, ...owners: KubeObject[]) =>
    map(
      name,
      {},
      {
        ownerReferences: owners.map(({ apiVersion, kind, metadata }) => ({
          apiVersion,
          kind,
          name: metadata.name,
          uid: metadata.uid!,
        })),
      },
    );
  const setUp = () => {
    const api = start();
    const make = (object: KubeObject) => {
      const result = api.create(object);
      if (!result.ok) throw new Error(result.error.message);
      return result.object;
    };
    const [first, second] = [make(map('first')), make(map('second'))];
    const child = make(owned('child', first));
    make(owned('grandchild', child));
    make(owned('shared', first, second));
    const names = () => api.list('ConfigMap').map(({ metadata }) => metadata.name);
    return { api, names };
  };

  it('take what they own with them, unless it has another owner', () => {
    const { api, names } = setUp();
    api.delete('ConfigMap', 'default', 'first');
    api.simulation.runUntil(SECOND);
    expect(names()).toEqual(['second', 'shared']);
    api.delete('ConfigMap', 'default', 'second');
    api.simulation.runUntil(2 * SECOND);
    expect(names()).toEqual([]);
  });

  it('leave it behind when deleted with cascade=orphan', () => {
    const { api, names } = setUp();
    api.delete('ConfigMap', 'default', 'first', { cascade: 'orphan' });
    api.simulation.runUntil(SECOND);
    expect(names()).toEqual(['second', 'child', 'grandchild', 'shared']);
  });

  it('a namespace is terminating until it is empty, and takes everything with it', () => {
    const api = start();
    const namespace: KubeObject = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop' },
    };
    api.create(namespace);
    api.create(map('a', {}, { namespace: 'shop' }));
    api.delete('Namespace', '', 'shop');
    api.simulation.runUntil(5 * SECOND);
    expect(api.get('Namespace', '', 'shop')).toBeUndefined();
    expect(api.list('ConfigMap')).toEqual([]);
  });
});

describe('admission', () => {
  const webhook = (
    review: AdmissionWebhook['review'],
    failurePolicy: 'Fail' | 'Ignore' = 'Fail',
  ) => ({
    name: 'check.example.com',
    url: 'https://check.example.svc:443/',
    failurePolicy,
    kinds: new Set(['ConfigMap']),
    review,
  });

  it('changes, then judges; the first refusal decides', () => {
    const api = start();
    api.addMutatingWebhook(
      webhook(({ object }) => ({
        object: { ...object, data: { added: 'yes' } },
        warnings: ['careful'],
      })),
    );
    api.addValidatingWebhook(
      webhook(({ object }) => (object.metadata.name === 'bad' ? { denied: 'no good' } : {})),
    );
    const good = api.create(map('good'));
    expect(good.ok && [good.object.data, good.warnings]).toEqual([{ added: 'yes' }, ['careful']]);
    expect(words(api.create(map('bad')))).toBe(
      'Error from server (BadRequest): admission webhook "check.example.com" denied the request: no good',
    );
  });

  it('that cannot be reached refuses, or is passed over, as its failure policy says', () => {
    const away = () => ({ unreachable: 'connection refused' });
    const strict = start();
    strict.addValidatingWebhook(webhook(away));
    expect(words(strict.create(map('a')))).toBe(
      'Error from server (InternalError): Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://check.example.svc:443/": connection refused',
    );
    const lenient = start();
    lenient.addValidatingWebhook(webhook(away, 'Ignore'));
    expect(words(lenient.create(map('a')))).toBe('ok');
  });
});
