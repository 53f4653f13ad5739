import { describe, expect, it } from 'vitest';
import { isPodReady, type Pod } from '../../src/kube/objects/pod.ts';
import type { Node } from '../../src/kube/objects/cluster.ts';
import type { EndpointSlice } from '../../src/kube/objects/service.ts';
import type { Job } from '../../src/kube/objects/workload.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { startCluster, webYaml, type Cluster } from './cluster.ts';
import { recordingRuntime } from './recording-runtime.ts';

const podNames = (cluster: Cluster) =>
  cluster.api.list<Pod>('Pod').map(({ metadata }) => metadata.name);
const workload = (kind: string, spec: string, image = 'web:1') => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: db}
spec:
  ${spec}
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: '${image}'}]}}
`;

describe('a StatefulSet', () => {
  it('makes numbered pods in order, and takes them back in reverse', () => {
    const cluster = startCluster();
    cluster.apply(workload('StatefulSet', 'replicas: 3'));
    const seen: string[] = [];
    cluster.api.watch<Pod>('Pod', ({ type, object }) => {
      if (type === 'ADDED') {
        const others = cluster.api.list<Pod>('Pod').filter((pod) => pod !== object);
        const mates = others.filter((pod) => pod.metadata.name !== object.metadata.name);
        expect(mates.every(isPodReady)).toBe(true);
      }
      if (type !== 'MODIFIED') seen.push(`${type} ${object.metadata.name}`);
    });
    cluster.run(20);
    cluster.api.patch('StatefulSet', 'default', 'db', { spec: { replicas: 1 } });
    cluster.run(20);
    expect(seen).toEqual([
      'ADDED db-0',
      'ADDED db-1',
      'ADDED db-2',
      'DELETED db-2',
      'DELETED db-1',
    ]);
  });

  it('replaces its pods one by one, the last first', () => {
    const cluster = startCluster();
    cluster.apply(workload('StatefulSet', 'replicas: 2'));
    cluster.run(20);
    const gone: string[] = [];
    cluster.api.watch<Pod>('Pod', ({ type, object }) => {
      if (type === 'DELETED') gone.push(object.metadata.name);
    });
    cluster.apply(workload('StatefulSet', 'replicas: 2', 'web:2'));
    cluster.run(20);
    expect(gone).toEqual(['db-1', 'db-0']);
    expect(cluster.api.list<Pod>('Pod').map((pod) => pod.spec.containers[0]!.image)).toEqual([
      'web:2',
      'web:2',
    ]);
  });
});

describe('a DaemonSet', () => {
  it('has one pod on every node, also on one that comes later', () => {
    const cluster = startCluster();
    cluster.apply(workload('DaemonSet', ''));
    cluster.run(5);
    const nodes = () =>
      cluster.api
        .list<Pod>('Pod')
        .map((pod) => pod.spec.nodeName)
        .sort();
    expect(nodes()).toEqual(['node-a', 'node-b', 'node-c']);
    cluster.apply('{apiVersion: v1, kind: Node, metadata: {name: node-d}}');
    cluster.run(5);
    expect(nodes()).toEqual(['node-a', 'node-b', 'node-c', 'node-d']);
  });
});

describe('a Job', () => {
  const job = (spec: string) => `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  ${spec}
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: main}]}}
`;
  const start = (exitCode: number) => {
    const clock: { simulation?: Simulation } = {};
    const { runtime } = recordingRuntime(clock);
    const cluster = startCluster({
      runtime: {
        ...runtime,
        startContainer: (sandbox, container, role, callbacks) => {
          const handle = runtime.startContainer(sandbox, container, role, callbacks);
          clock.simulation!.schedule(1000, () => callbacks.onExit(exitCode), 0, 0);
          return handle;
        },
      },
    });
    clock.simulation = cluster.simulation;
    return cluster;
  };

  it('runs until enough pods have succeeded', () => {
    const cluster = start(0);
    cluster.apply(job('completions: 3\n  parallelism: 2'));
    cluster.run(20);
    const stored = cluster.api.get<Job>('Job', 'default', 'once')!;
    expect(stored.status).toMatchObject({ succeeded: 3, active: 0 });
    expect(stored.status!.conditions![0]!.type).toBe('Complete');
    expect(cluster.api.list<Pod>('Pod').map((pod) => pod.status!.phase)).toEqual([
      'Succeeded',
      'Succeeded',
      'Succeeded',
    ]);
  });

  it('gives up after backoffLimit failures', () => {
    const cluster = start(1);
    cluster.apply(job('backoffLimit: 2'));
    cluster.run(20);
    const stored = cluster.api.get<Job>('Job', 'default', 'once')!;
    expect(stored.status!.failed).toBe(3);
    expect(stored.status!.conditions![0]).toMatchObject({
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
    });
  });
});

describe('endpoints', () => {
  const given = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: mine, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.7]}]
ports: [{name: http, port: 80}]
`;
  const slices = (cluster: Cluster) =>
    cluster.api.list<EndpointSlice>('EndpointSlice').map(({ metadata }) => metadata.name);

  it('that are given are the only ones', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 1));
    cluster.run(5);
    expect(slices(cluster)).toEqual([expect.stringMatching(/^web-[a-z0-9]{5}$/)]);
    cluster.apply(given);
    cluster.run(1);
    expect(slices(cluster)).toEqual(['mine']);
    cluster.api.delete('EndpointSlice', 'default', 'mine');
    cluster.run(1);
    expect(slices(cluster)).toEqual([expect.stringMatching(/^web-[a-z0-9]{5}$/)]);
  });

  it('follow a pod whose label is taken away; the ReplicaSet makes another', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 1));
    cluster.run(5);
    const [first] = cluster.api.list<Pod>('Pod');
    cluster.api.patch('Pod', 'default', first!.metadata.name, {
      metadata: { labels: { app: 'debug' } },
    });
    cluster.run(5);
    expect(podNames(cluster).length).toBe(2);
    const [slice] = cluster.api.list<EndpointSlice>('EndpointSlice');
    expect(slice!.endpoints!.map(({ targetRef }) => targetRef!.name)).toEqual([
      podNames(cluster)[1],
    ]);
  });

  it('carry the zone of their node', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 3));
    cluster.run(5);
    const [slice] = cluster.api.list<EndpointSlice>('EndpointSlice');
    expect(new Set(slice!.endpoints!.map(({ zone }) => zone))).toEqual(
      new Set(['ap-south-1a', 'ap-south-1b', 'ap-south-1c']),
    );
  });
});

describe('the scheduler', () => {
  it('uses the Nodes that are given, and waits for one that fits', () => {
    const cluster = startCluster();
    cluster.apply('{apiVersion: v1, kind: Node, metadata: {name: only}}');
    cluster.apply(
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeSelector: {disk: ssd}, containers: [{name: c, image: c}]}}',
    );
    cluster.run(1);
    expect(cluster.api.list<Node>('Node').map(({ metadata }) => metadata.name)).toEqual(['only']);
    const pod = () => cluster.api.get<Pod>('Pod', 'default', 'p')!;
    expect(pod().status!.conditions![0]!.message).toBe(
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    );
    cluster.api.patch('Node', '', 'only', { metadata: { labels: { disk: 'ssd' } } });
    cluster.run(2);
    expect(pod().spec.nodeName).toBe('only');
    expect(isPodReady(pod())).toBe(true);
  });
});

describe('a pod’s spec', () => {
  it('cannot be changed once it is made, its images apart', () => {
    const cluster = startCluster();
    const pod = (image: string, port: number) =>
      cluster.apply(
        `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: '${image}', ports: [{containerPort: ${port}}]}]}}`,
      );
    pod('c:1', 80);
    cluster.run(2);
    expect(() => pod('c:2', 80)).not.toThrow();
    expect(() => pod('c:2', 81)).toThrow('pod updates may not change fields other than');
  });
});
