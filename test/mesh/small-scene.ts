/** A small mesh for tests: a client and two versions of a web service, all with sidecars. */
import { Session } from '../../src/mesh/session.ts';
import type { Action, LogEntry } from '../../src/protocol/messages.ts';
import type { LoadSource, Scene, SceneFile } from '../../src/protocol/scene.ts';

export const SECOND = 1_000_000;

const deployment = (name: string, image: string, version: string, replicas = 1) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}-${version}, namespace: default}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}, version: ${version}}}
  template:
    metadata: {labels: {app: ${name}, version: ${version}}}
    spec:
      containers:
      - name: ${name}
        image: ${image}
        env: [{name: NAME, value: ${name}-${version}}, {name: LISTEN_ADDR, value: '0.0.0.0:8080'}]
        ports: [{containerPort: 8080}]
`;

const WEB = 'nicholasjackson/fake-service:v0.26.2';

export const PLATFORM: SceneFile = {
  path: 'platform.yaml',
  text: [
    `apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`,
    deployment('web', WEB, 'v1'),
    deployment('web', WEB, 'v2'),
    deployment('client', 'curlimages/curl', 'v1'),
  ].join('---\n'),
};

export const loadOf = (ratePerSecond: number, id = 'calls'): LoadSource => ({
  id,
  from: 'client-v1.default',
  url: 'http://web/',
  model: { kind: 'open', ratePerSecond, arrivals: 'poisson' },
});

export function sceneOf(given: Partial<Scene> = {}): Scene {
  const words = { 'hi-Latn': 'small', en: 'small' };
  const bare = { id: 'small', title: words, lead: words, seed: 5, load: [], events: [] };
  return { ...bare, platform: [PLATFORM], files: [], ...given };
}

export function sessionOf(given: Partial<Scene> = {}, log: readonly LogEntry[] = []): Session {
  const scene = sceneOf(given);
  return new Session(scene, scene.seed, log);
}

export const apply = (path: string, text: string): Action => ({
  type: 'apply',
  files: [{ path, text }],
});

export const exec = (line: string): Action => ({ type: 'exec', line });

export function runFor(session: Session, seconds: number): void {
  session.advance(session.mesh.simulation.now + seconds * SECOND);
}

export function travel(session: Session, timeUs: number, fork = false): void {
  const steps = session.goTo(timeUs, { fork });
  while (!steps.next().done);
}

export function hashOf({ mesh }: Session): string {
  return `${mesh.simulation.trace.hash} after ${mesh.simulation.eventCount} events`;
}

/** A pod of a workload, as the terminal names it. */
export function podOf({ mesh }: Session, workload: string): string {
  const pod = mesh.topology().pods.find((one) => one.workload === workload);
  if (!pod) throw new Error(`no pod of ${workload}`);
  return pod.name;
}
