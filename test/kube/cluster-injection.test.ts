import { describe, expect, it } from 'vitest';
import { DEFAULT_INJECTION } from '../../src/kube/injection/injection-config.ts';
import { injectorWebhook } from '../../src/kube/injection/injector-webhook.ts';
import { isPodReady, type Pod } from '../../src/kube/objects/pod.ts';
import { SECOND } from '../../src/sim/time.ts';
import { startCluster, webYaml } from './cluster.ts';

const NAMESPACE = `
apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {istio-injection: enabled}}
`;

describe('a cluster with the injector', () => {
  it('gives pods of a labelled namespace a sidecar; both containers become ready in seconds', () => {
    const cluster = startCluster();
    cluster.api.addMutatingWebhook(
      injectorWebhook(cluster.api, { config: () => DEFAULT_INJECTION }),
    );
    cluster.apply(NAMESPACE + '---' + webYaml('web', 1));
    cluster.simulation.runUntil(3 * SECOND);
    const [pod] = cluster.api.list<Pod>('Pod');
    expect(pod!.spec.containers.map(({ name }) => name)).toEqual(['web', 'istio-proxy']);
    expect(pod!.spec.initContainers!.map(({ name }) => name)).toEqual(['istio-init']);
    const environment = pod!.spec.containers[1]!.env!;
    const value = (name: string) => environment.find((variable) => variable.name === name)?.value;
    expect(value('ISTIO_META_WORKLOAD_NAME')).toBe('web');
    expect(isPodReady(pod!)).toBe(true);
  });

  it('creates no pod while istiod is away, and creates it when istiod is back', () => {
    const cluster = startCluster();
    let away: string | undefined = 'no endpoints available for service "istiod"';
    const webhook = injectorWebhook(cluster.api, {
      config: () => DEFAULT_INJECTION,
      unreachable: () => away,
    });
    cluster.api.addMutatingWebhook(webhook);
    cluster.apply(NAMESPACE + '---' + webYaml('web', 2));
    cluster.run(20);
    expect(cluster.api.list('Pod')).toEqual([]);
    away = undefined;
    cluster.run(20);
    expect(cluster.api.list('Pod').length).toBe(2);
  });
});
