import { describe, expect, it } from 'vitest';
import { isPodReady, type Pod } from '../../src/kube/objects/pod.ts';
import type { EndpointSlice, Service } from '../../src/kube/objects/service.ts';
import type { Deployment, ReplicaSet } from '../../src/kube/objects/workload.ts';
import { startCluster, webYaml } from './cluster.ts';

const pods = (cluster: ReturnType<typeof startCluster>) => cluster.api.list<Pod>('Pod');

describe('a Deployment', () => {
  it('brings up its pods, spread over nodes, behind its Service', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 3));
    cluster.run(5);
    expect(pods(cluster).map((pod) => pod.metadata.name)).toEqual([
      expect.stringMatching(/^web-[a-z0-9]+-[bcdfghjklmnpqrstvwxz2456789]{5}$/),
      expect.anything(),
      expect.anything(),
    ]);
    expect(pods(cluster).every(isPodReady)).toBe(true);
    expect(new Set(pods(cluster).map((pod) => pod.spec.nodeName)).size).toBe(3);
    const service = cluster.api.get<Service>('Service', 'default', 'web')!;
    expect(service.spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    const [slice] = cluster.api.list<EndpointSlice>('EndpointSlice');
    expect(slice!.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice!.endpoints!.map((endpoint) => endpoint.conditions?.ready)).toEqual([
      true,
      true,
      true,
    ]);
    const deployment = cluster.api.get<Deployment>('Deployment', 'default', 'web')!;
    expect(deployment.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
  });

  it('rolls to a new template without ever having too few ready or too many pods', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 4));
    cluster.run(5);
    let fewestReady = Infinity;
    let most = 0;
    cluster.api.watch<Pod>('Pod', () => {
      const live = pods(cluster).filter((pod) => !pod.metadata.deletionTimestamp);
      fewestReady = Math.min(fewestReady, live.filter(isPodReady).length);
      most = Math.max(most, live.length);
    });
    cluster.apply(webYaml('web', 4, 'web:2'));
    cluster.run(30);
    // 25 % of 4 is 1: one more, one less.
    expect(most).toBe(5);
    expect(fewestReady).toBe(3);
    expect(pods(cluster).map((pod) => pod.spec.containers[0]!.image)).toEqual(
      Array(4).fill('web:2'),
    );
    const sets = cluster.api.list<ReplicaSet>('ReplicaSet');
    expect(sets.map((set) => set.spec.replicas)).toEqual([0, 4]);
  });

  it('stops a rollout whose pods never become ready', () => {
    const cluster = startCluster({
      runtime: {
        createSandbox: () => undefined,
        startContainer: (_sandbox, container, _role, callbacks) => ({
          terminate: () => callbacks.onExit(0),
          kill: () => undefined,
          probe: (_action, _timeout, done) => done(container.image !== 'web:bad'),
          runHook: (_hook, done) => done(),
        }),
        removeSandbox: () => undefined,
      },
    });
    const probe = '        readinessProbe: {httpGet: {port: http}, periodSeconds: 1}\n';
    cluster.apply(webYaml('web', 4, 'web:1', probe));
    cluster.run(10);
    cluster.apply(webYaml('web', 4, 'web:bad', probe));
    cluster.run(120);
    expect(pods(cluster).filter(isPodReady).length).toBe(3);
    cluster.run(600);
    const deployment = cluster.api.get<Deployment>('Deployment', 'default', 'web')!;
    const progressing = deployment.status!.conditions!.find(({ type }) => type === 'Progressing')!;
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  it('scales up and down; the garbage collector takes everything when it is deleted', () => {
    const cluster = startCluster();
    cluster.apply(webYaml('web', 1));
    cluster.run(5);
    cluster.api.patch('Deployment', 'default', 'web', { spec: { replicas: 3 } });
    cluster.run(5);
    expect(pods(cluster).filter(isPodReady).length).toBe(3);
    cluster.api.patch('Deployment', 'default', 'web', { spec: { replicas: 2 } });
    cluster.run(5);
    expect(pods(cluster).length).toBe(2);
    cluster.api.delete('Deployment', 'default', 'web');
    cluster.run(5);
    expect(pods(cluster)).toEqual([]);
    expect(cluster.api.list('ReplicaSet')).toEqual([]);
  });

  it('takes the same course for the same seed', () => {
    const hash = () => {
      const cluster = startCluster({ seed: 7 });
      cluster.apply(webYaml('web', 3));
      cluster.run(20);
      return cluster.simulation.trace.hash + JSON.stringify(pods(cluster));
    };
    expect(hash()).toBe(hash());
  });
});
