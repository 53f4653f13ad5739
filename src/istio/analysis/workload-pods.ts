/**
 * The pods that controllers would make, for objects that are looked at before they are applied.
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/
 * Simplified: one pod stands for all replicas.
 */
import { INJECT, INJECTION_LABEL, PROXY_CONTAINER, REVISION_LABEL } from './mesh-membership.ts';
import { templateOf } from './mesh-membership.ts';
import { resourceOf, type Resource } from './resource.ts';

const WORKLOADS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
]);

/** One pod a workload, with its proxy where injection would add one. */
export function podsOfWorkloads(resources: readonly Resource[]): Resource[] {
  const namespaces = new Map(
    resources.filter(({ kind }) => kind === 'Namespace').map((one) => [one.name, one]),
  );
  return resources
    .filter(({ kind }) => WORKLOADS.has(kind))
    .flatMap((workload) => {
      const { labels, annotations, spec } = templateOf(workload);
      const namespace = namespaces.get(workload.namespace);
      const containers = [...(spec.containers ?? [])];
      const hasProxy = containers.some(({ name }) => name === PROXY_CONTAINER);
      if (!hasProxy && isInjected(labels[INJECT] ?? annotations[INJECT], namespace))
        containers.push({ name: PROXY_CONTAINER, image: 'injected' });
      const object = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${workload.name}-0`,
          namespace: workload.namespace,
          labels,
          annotations,
        },
        spec: { ...spec, containers },
      };
      return resourceOf(object, workload.namespace) ?? [];
    });
}

function isInjected(wish: string | undefined, namespace: Resource | undefined): boolean {
  if (wish !== undefined) return wish === 'true';
  const labels = namespace?.labels ?? {};
  return labels[INJECTION_LABEL] === 'enabled' || labels[REVISION_LABEL] !== undefined;
}
