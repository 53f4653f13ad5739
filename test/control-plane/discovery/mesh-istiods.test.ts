import { describe, expect, it } from 'vitest';
import { Session } from '../../../src/mesh/session.ts';
import type { Pod } from '../../../src/kube/objects/pod.ts';
import type { SceneFile } from '../../../src/protocol/scene.ts';
import { SECOND } from '../../../src/sim/time.ts';

const deployment = (name: string, image: string, annotations: object) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: ${JSON.stringify(annotations)}}
    spec:
      containers:
      - {name: ${name}, image: '${image}', ports: [{containerPort: 9090}]}
`;

function sessionWith(annotations: object): Session {
  const words = { 'hi-Latn': '', en: '' };
  const platform: SceneFile = {
    path: 'platform.yaml',
    text: [
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {istio-injection: enabled}}\n',
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default}\n' +
        'spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 9090}]}\n',
      deployment('web', 'nicholasjackson/fake-service:v0.26.2', annotations),
      deployment('client', 'curlimages/curl', annotations),
    ].join('---\n'),
  };
  const scene = { id: 'istiods', title: words, lead: words, seed: 3 };
  return new Session(
    {
      ...scene,
      platform: [platform],
      files: [],
      load: [
        {
          id: 'calls',
          from: 'client.default',
          url: 'http://web/',
          model: { kind: 'open', ratePerSecond: 10, arrivals: 'constant' },
        },
      ],
      events: [],
    },
    3,
  );
}

function run(session: Session, seconds: number): void {
  session.advance(session.mesh.simulation.now + seconds * SECOND);
}

function states(session: Session): string[] {
  const rows = session.mesh.controlPlanes.proxyStatus();
  return rows.map(({ proxy, types }) => {
    const all = (['CDS', 'EDS', 'LDS', 'RDS', 'SDS'] as const).map((type) => types[type].state);
    return `${proxy.labels['app']} ${[...new Set(all)].join('/')}`;
  });
}

/** Answers of web as its own sidecar counts them, by response code. */
function answers(session: Session): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of session.mesh.prometheusText().split('\n')) {
    if (!line.startsWith('istio_requests_total{') || !line.includes('reporter="source"')) continue;
    const code = /response_code="(\d+)"/.exec(line)![1]!;
    counts.set(code, (counts.get(code) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return counts;
}

/** A new istiod starts with these variables, the old one ends. */
function setEnvironment({ mesh: { api } }: Session, env: readonly object[]): void {
  const { spec } = api.get('Deployment', 'istio-system', 'istiod') as unknown as {
    spec: { template: { spec: { containers: object[] } } };
  };
  const containers = spec.template.spec.containers.map((one) => ({ ...one, env }));
  api.patch('Deployment', 'istio-system', 'istiod', {
    spec: { template: { spec: { containers } } },
  });
}

const DELTA = { 'proxy.istio.io/config': 'proxyMetadata: {ISTIO_DELTA_XDS: "true"}' };

describe('a mesh whose proxies speak the incremental variant', () => {
  it('serves the same calls, all of its proxies synced', () => {
    const variants = [sessionWith({}), sessionWith(DELTA)].map((session) => {
      const messages = new Set<string>();
      session.mesh.network.onTransit = (_end, { type }) => messages.add(type);
      session.mesh.api.patch('Deployment', 'default', 'web', { spec: { replicas: 2 } });
      run(session, 20);
      return { messages, states: states(session), answers: answers(session) };
    });
    const [sotw, delta] = variants;
    const speakDelta = variants.map(({ messages }) => messages.has('delta-discovery-response'));
    expect(speakDelta).toEqual([false, true]);
    expect(delta!.states).toEqual(sotw!.states);
    expect(delta!.states.every((row) => row.endsWith(' synced'))).toBe(true);
    expect([...delta!.answers]).toEqual([...sotw!.answers]);
    expect([...delta!.answers.keys()]).toEqual(['200']);
  });
});

describe('a mesh of two istiods', () => {
  it('goes on when one of them is deleted, with every proxy at the other', () => {
    const session = sessionWith({});
    const { api, controlPlanes } = session.mesh;
    run(session, 2);
    api.patch('Deployment', 'istio-system', 'istiod', { spec: { replicas: 2 } });
    run(session, 20);
    const names = controlPlanes.istiods.map(({ name }) => name);
    expect(names).toHaveLength(2);
    const [served] = controlPlanes.proxyStatus().map(({ istiod }) => istiod);
    const pod = api
      .list<Pod>('Pod')
      .find(({ metadata }) => served!.startsWith(`${metadata.name}.istio-system`))!;
    api.delete('Pod', 'istio-system', pod.metadata.name);
    run(session, 60);
    const istiods = controlPlanes.proxyStatus().map(({ istiod }) => istiod);
    expect(istiods).toHaveLength(2);
    expect(istiods).not.toContain(served);
    expect([...answers(session).keys()]).toEqual(['200']);
  });
});

describe("istiod's environment in its Deployment", () => {
  it('sets how long it waits for quiet, and what it cannot read is in its log', () => {
    const session = sessionWith({});
    const { controlPlanes } = session.mesh;
    const env = [
      { name: 'PILOT_DEBOUNCE_AFTER', value: '3s' },
      { name: 'PILOT_PUSH_THROTTLE', value: 'many' },
    ];
    setEnvironment(session, env);
    run(session, 60);
    const [istiod] = controlPlanes.istiods;
    const logs = [...session.mesh.runtime.sandboxes.values()].flatMap((one) =>
      one.logs('discovery'),
    );
    expect(logs.join()).toContain('`many` for PILOT_PUSH_THROTTLE, expecting an integer');
    const before = istiod!.version;
    istiod!.configChanged('Service', 'web', 'default');
    run(session, 2);
    expect(istiod!.version).toBe(before);
    run(session, 2);
    expect(istiod!.version).not.toBe(before);
  });
});

describe('certificates that nobody renews', () => {
  it('expire, and from then on new connections fail', () => {
    const session = sessionWith({});
    const { api, controlPlanes } = session.mesh;
    const oncePerConnection = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        host: 'web',
        trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } },
      },
    };
    expect(api.create(oncePerConnection).ok).toBe(true);
    setEnvironment(session, [{ name: 'DEFAULT_WORKLOAD_CERT_TTL', value: '5m' }]);
    run(session, 90);
    expect([...answers(session).keys()]).toEqual(['200']);
    controlPlanes.authority.isDown = true;
    run(session, 60);
    expect([...answers(session).keys()]).toEqual(['200']);
    run(session, 300);
    const served = answers(session).get('200');
    run(session, 30);
    expect(answers(session).get('200')).toBe(served);
    expect([...answers(session).keys()]).toEqual(['200', '503']);
  });
});
