import { describe, expect, test } from 'vitest';
import type { ProbeCase, RequestsFile } from '../../src/cli/probe/case.ts';
import { runProbe } from '../../src/cli/probe/mesh.ts';
import { probeReport } from '../../src/cli/probe/report.ts';

const pod = (name: string, ip: string, version: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: b, version: ${version}}}
spec:
  nodeName: node-1
  containers: [{name: app, image: x, ports: [{containerPort: 8080}]}]
status: {podIP: ${ip}}
---`;

const CLUSTER = `${pod('b-1', '10.1.0.1', 'v1')}${pod('b-2', '10.1.0.2', 'v2')}
apiVersion: v1
kind: Service
metadata: {name: b, namespace: default}
spec: {clusterIP: 10.96.0.1, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: b, namespace: default, labels: {kubernetes.io/service-name: b}}
addressType: IPv4
endpoints: [{addresses: [10.1.0.1], conditions: {ready: true}}]
ports: [{name: http, port: 8080}]
`;

/** Without any proxy: what the applications and the caller do by themselves. */
function answers(requests: RequestsFile) {
  const probe: ProbeCase = {
    name: 'case',
    clusterYaml: CLUSTER,
    configYaml: '',
    setting: { title: 'Two pods', proxies: [] },
    requests,
  };
  const answer = { documents: [], ...runProbe(probe, { resources: () => [] }) };
  return { probe, answer, steps: answer.steps as Record<string, Record<string, unknown>> };
}

const to = { host: 'b', port: 80 };
const get = { from: 'external', method: 'GET', path: '/', to };

describe('a probe', () => {
  test('says who answered, and what the application received', () => {
    const { steps } = answers({ steps: [{ ...get, id: 'one', headers: { 'x-a': '1' } }] });
    expect(steps['one']).toEqual({
      status: 200,
      headers: {},
      pod: 'b-1.default',
      version: 'v1',
      duration_ms: 0,
      apps_saw: [
        { pod: 'b-1.default', method: 'GET', path: '/', headers: { host: 'b', 'x-a': '1' } },
      ],
    });
  });

  test('an application follows its script, and another one when told', () => {
    const plan = [{ status: 503, times: 2 }, { status: 201 }];
    const { steps } = answers({
      apps: { 'b-1.default': { '8080': plan } },
      steps: [
        { ...get, id: 'four', count: 4 },
        { id: 'change', do: 'app', pod: 'b-1.default', port: 8080, plan: [{ delay_ms: 300 }] },
        { ...get, id: 'slow' },
      ],
    });
    expect(steps['four']!['counts']).toEqual({ '503 -': 2, '201 -': 2 });
    expect(steps['slow']!['duration_ms']).toBe(300);
  });

  test('what fails is named in words', () => {
    const { steps } = answers({
      apps: { 'b-2.default': 'gone' },
      steps: [
        { ...get, id: 'name', to: { host: 'nobody', port: 80 } },
        { ...get, id: 'port', to: { host: '10.1.0.1', port: 81 } },
        { ...get, id: 'gone', to: { host: '10.1.0.2', port: 8080 } },
      ],
    });
    expect(Object.values(steps).map((step) => step['error'])).toEqual([
      'name not found',
      'connection refused',
      'no route to host',
    ]);
  });

  test('bytes come back with the name of the pod', () => {
    const { steps } = answers({ steps: [{ id: 'tcp', from: 'external', to, tcp: 'hi' }] });
    expect(steps['tcp']).toEqual({ received: 'b-1.default:hi' });
  });

  test('an application calls others first and tells what they said', () => {
    const calls = [{ url: 'http://10.1.0.2:8080/x', timeout_ms: 100, tries: 2 }];
    const { steps } = answers({
      apps: {
        'b-1.default': { '8080': [{ calls }] },
        'b-2.default': { '8080': [{ delay_ms: 500, times: 1 }, {}] },
      },
      steps: [{ ...get, id: 'page' }],
    });
    expect(steps['page']!['calls']).toEqual({
      'http://10.1.0.2:8080/x': { status: 200, pod: 'b-2.default', version: 'v2' },
    });
    expect(steps['page']!['duration_ms']).toBe(100);
  });

  test('a background request is under way while the next is sent', () => {
    const { steps } = answers({
      apps: { 'b-1.default': { '8080': [{ delay_ms: 800, times: 1 }, {}] } },
      steps: [
        { ...get, id: 'long', background: true },
        { ...get, id: 'short', at_ms: 200 },
      ],
    });
    expect([steps['long']!['duration_ms'], steps['short']!['duration_ms']]).toEqual([800, 0]);
  });

  test('a person can read it', () => {
    const { probe, answer } = answers({ steps: [{ ...get, id: 'one' }] });
    expect(probeReport(probe, answer).split('\n')).toEqual([
      'Two pods',
      '',
      'one: external GET b:80/',
      '  b-1.default received GET /',
      '  = 200 from b-1.default v1 after 0 ms',
      '',
    ]);
  });
});
