import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMING, INSTANT_TIMING } from '../../src/kube/kubelet/timing.ts';
import { isPodReady, type Pod } from '../../src/kube/objects/pod.ts';
import type { EndpointSlice } from '../../src/kube/objects/service.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { MS, SECOND } from '../../src/sim/time.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { recordingRuntime, type Script } from './recording-runtime.ts';

const podYaml = (extra = '', containerExtra = '') => `
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec:
  containers:
  - name: web
    image: web:1
    ports: [{name: http, containerPort: 8080}]
${containerExtra}
${extra}
`;
const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: p}
spec: {selector: {app: p}, ports: [{port: 80, targetPort: http}]}
`;

function start(script: Script = {}, timing = INSTANT_TIMING): { cluster: Cluster; log: string[] } {
  const clock: { simulation?: Simulation } = {};
  const { runtime, log } = recordingRuntime(clock, script);
  const cluster = startCluster({ runtime, timing });
  clock.simulation = cluster.simulation;
  return { cluster, log };
}

const thePod = (cluster: Cluster) => cluster.api.get<Pod>('Pod', 'default', 'p');

describe('the life of a pod', () => {
  it('runs init containers one after the other, then the others', () => {
    const { cluster, log } = start();
    cluster.apply(podYaml('  initContainers: [{name: a, image: a}, {name: b, image: b}]'));
    cluster.run(1);
    expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'sandbox p',
      'start a',
      'start b',
      'start web',
    ]);
    const pod = thePod(cluster)!;
    expect(pod.status?.phase).toBe('Running');
    expect(pod.status?.podIP).toMatch(/^10\.244\.\d+\.2$/);
    expect(isPodReady(pod)).toBe(true);
  });

  it('takes about a second to run on a warm node', () => {
    const { cluster } = start({}, DEFAULT_TIMING);
    cluster.apply(podYaml());
    cluster.simulation.runUntil(300 * MS);
    expect(thePod(cluster)!.status?.containerStatuses?.[0]?.state.waiting).toBeDefined();
    cluster.simulation.runUntil(2 * SECOND);
    expect(isPodReady(thePod(cluster)!)).toBe(true);
  });

  it('a pod that brings an address keeps it', () => {
    const { cluster } = start();
    cluster.apply(podYaml('status: {podIP: 10.9.8.7}'));
    cluster.run(1);
    expect(thePod(cluster)!.status?.podIP).toBe('10.9.8.7');
  });

  it('is ready when its readiness probe says so, and no longer when it says otherwise', () => {
    let isHealthy = false;
    const { cluster } = start({ isHealthy: () => isHealthy });
    const probe =
      '    readinessProbe: {httpGet: {port: http}, periodSeconds: 2, failureThreshold: 2}';
    cluster.apply(podYaml('', probe) + '---' + SERVICE);
    const ready = () =>
      cluster.api.list<EndpointSlice>('EndpointSlice')[0]!.endpoints![0]!.conditions!.ready;
    cluster.run(5);
    expect(ready()).toBe(false);
    isHealthy = true;
    cluster.run(2);
    expect(ready()).toBe(true);
    isHealthy = false;
    cluster.run(2);
    expect(ready()).toBe(true);
    cluster.run(2);
    expect(ready()).toBe(false);
  });

  it('is started again when its liveness probe fails, and readiness waits for startup', () => {
    let isHealthy = true;
    const { cluster, log } = start({ isHealthy: () => isHealthy });
    const probes = `    startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 5}
    livenessProbe: {tcpSocket: {port: 8080}, periodSeconds: 10}`;
    cluster.apply(podYaml('', probes));
    cluster.run(15);
    isHealthy = false;
    cluster.run(30);
    // Asked at 20, 30 and 40 s; after the restart the startup probe fails five times in four seconds.
    const stops = log.filter((line) => line.includes('SIGTERM')).map(parseFloat);
    expect(stops.map(Math.round)).toEqual([40, 44]);
    isHealthy = true;
    cluster.run(30);
    expect(thePod(cluster)!.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
    expect(isPodReady(thePod(cluster)!)).toBe(true);
  });

  it('backs off 10 s, 20 s, 40 s when it keeps crashing', () => {
    const { cluster, log } = start({ crashesAfter: 1 });
    cluster.apply(podYaml());
    cluster.run(80);
    const starts = log.filter((line) => line.includes('start web')).map((line) => parseFloat(line));
    // Crashes a second after each start: at once, then 10, 20 and 40 s later.
    expect(starts.map((at, i) => Math.round(at - (starts[i - 1] ?? at)))).toEqual([
      0, 1, 11, 21, 41,
    ]);
    const [status] = thePod(cluster)!.status!.containerStatuses!;
    expect(status!.restartCount).toBe(4);
    cluster.run(0);
    expect(status!.state.waiting?.reason).toBe('CrashLoopBackOff');
    expect(status!.lastState?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
  });
});

describe('the end of a pod', () => {
  it('leaves the endpoints at once, hears SIGTERM after its hook, and is gone when it stops', () => {
    const { cluster, log } = start({ stopsAfter: 3 });
    const hook = '    lifecycle: {preStop: {exec: {command: [sh, -c, sleep 5]}}}';
    cluster.apply(podYaml('', hook) + '---' + SERVICE);
    cluster.run(10);
    log.length = 0;
    cluster.api.delete('Pod', 'default', 'p');
    cluster.run(0.01);
    const [slice] = cluster.api.list<EndpointSlice>('EndpointSlice');
    expect(slice!.endpoints![0]!.conditions).toEqual({
      ready: false,
      serving: true,
      terminating: true,
    });
    cluster.run(20);
    // 30 s of grace, 5 of them slept away by the hook; the process then takes 3.
    expect(log).toEqual(['15.001s SIGTERM web, 25s left', '18.001s remove p']);
    expect(thePod(cluster)).toBeUndefined();
    expect(cluster.api.list<EndpointSlice>('EndpointSlice')[0]!.endpoints).toEqual([]);
  });

  it('is killed when its grace is over', () => {
    const { cluster, log } = start({ stopsAfter: Infinity });
    cluster.apply(podYaml('  terminationGracePeriodSeconds: 4'));
    cluster.run(10);
    log.length = 0;
    cluster.api.delete('Pod', 'default', 'p');
    cluster.run(10);
    expect(log).toEqual([
      '10.001s SIGTERM web, 4s left',
      '14.001s SIGKILL web',
      '14.001s remove p',
    ]);
  });

  it('can be cut short by a second deletion, or by force', () => {
    const { cluster, log } = start({ stopsAfter: Infinity });
    cluster.apply(podYaml());
    cluster.run(10);
    cluster.api.delete('Pod', 'default', 'p');
    cluster.run(1);
    cluster.api.delete('Pod', 'default', 'p', { gracePeriodSeconds: 2 });
    cluster.run(5);
    expect(log.slice(-2)).toEqual(['13.001s SIGKILL web', '13.001s remove p']);
    cluster.apply(podYaml());
    cluster.run(10);
    cluster.api.delete('Pod', 'default', 'p', { gracePeriodSeconds: 0 });
    expect(thePod(cluster)).toBeUndefined();
    cluster.run(1);
    expect(log.slice(-2)).toEqual(['26.001s SIGKILL web', '26.001s remove p']);
  });

  it('a pod deleted before it has started never starts', () => {
    const { cluster, log } = start({}, DEFAULT_TIMING);
    cluster.apply(podYaml());
    cluster.run(0.1);
    cluster.api.delete('Pod', 'default', 'p');
    cluster.run(5);
    expect(thePod(cluster)).toBeUndefined();
    expect(log).toEqual([]);
  });
});
