/**
 * Objects as a cluster would hold them once they are applied: defaults filled in, pods made and
 * given their proxies.
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/ and
 * https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 * Simplified: one pod stands for all replicas; of the defaults, those that analyzers look at.
 */
import {
  INJECT,
  INJECTION_LABEL,
  podSpec,
  PROXY_CONTAINER,
  REVISION_LABEL,
  templateOf,
  type PodSpec,
} from './mesh-membership.ts';
import { resourceOf, type Fields, type Resource } from './resource.ts';

const WORKLOADS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
]);

export interface AppliedResources {
  readonly resources: readonly Resource[];
  /** Those that were not written by anybody. */
  readonly implied: ReadonlySet<Resource>;
}

export function asApplied(written: readonly Resource[]): AppliedResources {
  const namespaces = new Map(
    written.filter(({ kind }) => kind === 'Namespace').map((one) => [one.name, one]),
  );
  const implied = new Set<Resource>();
  const resources = written.flatMap((resource) => {
    if (resource.kind === 'Service') return [withDefaults(resource)];
    if (resource.kind === 'Pod') return [injected(resource, namespaces)];
    if (!WORKLOADS.has(resource.kind)) return [resource];
    const pod = podOf(resource);
    if (!pod) return [resource];
    const ready = injected(pod, namespaces);
    implied.add(ready);
    return [resource, ready];
  });
  return { resources, implied };
}

function withDefaults(service: Resource): Resource {
  const ports = (service.spec['ports'] ?? []) as readonly Fields[];
  const filled = ports.map((port) => ({ protocol: 'TCP', targetPort: port['port'], ...port }));
  return { ...service, spec: { ...service.spec, ports: filled } };
}

function podOf(workload: Resource): Resource | undefined {
  const { labels, annotations, spec } = templateOf(workload);
  const { name, namespace } = workload;
  const metadata = { name: `${name}-0`, namespace, labels, annotations };
  return resourceOf({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, namespace);
}

function injected(pod: Resource, namespaces: ReadonlyMap<string, Resource>): Resource {
  const spec = podSpec(pod);
  const containers = spec.containers ?? [];
  const hasProxy = containers.some(({ name }) => name === PROXY_CONTAINER);
  if (hasProxy || !isInjected(pod, namespaces.get(pod.namespace))) return pod;
  const proxy = { name: PROXY_CONTAINER, image: 'injected' };
  const grown: PodSpec = { ...spec, containers: [...containers, proxy] };
  return { ...pod, spec: grown as unknown as Fields };
}

function isInjected(pod: Resource, namespace: Resource | undefined): boolean {
  const wish = pod.labels[INJECT] ?? pod.annotations[INJECT];
  if (wish !== undefined) return wish === 'true';
  const labels = namespace?.labels ?? {};
  return labels[INJECTION_LABEL] === 'enabled' || labels[REVISION_LABEL] !== undefined;
}
