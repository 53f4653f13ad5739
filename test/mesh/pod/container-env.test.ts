import { beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../../src/kube/api-server.ts';
import type { Container } from '../../../src/kube/objects/pod.ts';
import { environmentOf, expand } from '../../../src/mesh/pod/container-env.ts';
import { Simulation } from '../../../src/sim/simulation.ts';

const POD = {
  name: 'web-1',
  namespace: 'default',
  ip: '10.1.0.1',
  labels: { app: 'web', 'topology.istio.io/network': 'one' },
  serviceAccount: 'web-account',
  node: 'node-1',
  zone: 'zone-a',
};
let api: ApiServer;

beforeAll(() => {
  api = new ApiServer(new Simulation(1), { createsNamespaces: true });
  const stored = (kind: string, data: object) =>
    api.apply({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'settings', namespace: 'default' },
      ...data,
    });
  expect(stored('ConfigMap', { data: { COLOR: 'blue', SIZE: '7' } }).ok).toBe(true);
  expect(stored('Secret', { stringData: { TOKEN: 'open sesame' } }).ok).toBe(true);
});

function environment(given: Partial<Container>): Record<string, string> {
  const container = { name: 'web', image: 'web', ...given } as Container;
  return Object.fromEntries(environmentOf(container, POD, api));
}

const field = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

describe("a container's environment", () => {
  it('knows its pod by the downward API', () => {
    const env = [
      field('NAME', 'metadata.name'),
      field('NAMESPACE', 'metadata.namespace'),
      field('IP', 'status.podIP'),
      field('NODE', 'spec.nodeName'),
      field('ACCOUNT', 'spec.serviceAccountName'),
      field('APP', "metadata.labels['app']"),
      field('NETWORK', "metadata.labels['topology.istio.io/network']"),
    ];
    expect(environment({ env })).toEqual({
      NAME: 'web-1',
      NAMESPACE: 'default',
      IP: '10.1.0.1',
      NODE: 'node-1',
      ACCOUNT: 'web-account',
      APP: 'web',
      NETWORK: 'one',
    });
  });

  it('takes keys of ConfigMaps and Secrets, and leaves out what is not there', () => {
    const env = [
      { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'settings', key: 'TOKEN' } } },
      { name: 'GONE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'GONE' } } },
      { name: 'NONE', valueFrom: { secretKeyRef: { name: 'none', key: 'TOKEN' } } },
    ];
    expect(environment({ env })).toEqual({ COLOR: 'blue', TOKEN: 'open sesame' });
  });

  it('takes all keys with a prefix; a variable of its own wins', () => {
    const envFrom = [{ prefix: 'MY_', configMapRef: { name: 'settings' } }];
    const env = [{ name: 'MY_SIZE', value: '9' }];
    expect(environment({ envFrom, env })).toEqual({ MY_COLOR: 'blue', MY_SIZE: '9' });
  });

  it('fills in variables that come earlier, not later ones', () => {
    const env = [
      { name: 'HOST', value: 'web' },
      { name: 'URL', value: 'http://$(HOST):$(PORT)/' },
      { name: 'PORT', value: '80' },
      { name: 'EMPTY' },
    ];
    expect(environment({ env })).toMatchObject({ URL: 'http://web:$(PORT)/', EMPTY: '' });
  });

  it('takes $$ for a dollar, so that $$(NAME) is a text', () => {
    expect(expand('$$(HOST) costs $$5, $HOST', new Map([['HOST', 'web']]))).toBe(
      '$(HOST) costs $5, $HOST',
    );
  });
});
