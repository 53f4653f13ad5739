/**
 * Models what istiod knows of a workload: identity, topology and the name its telemetry bears.
 *
 * Spec: istio pilot/pkg/serviceregistry/kube/controller/{endpoint_builder,util}.go,
 * pilot/pkg/serviceregistry/util/label, pkg/kube/labels.
 */
import type { Node } from '../../kube/objects/cluster.ts';
import type { Pod } from '../../kube/objects/pod.ts';

export type Labels = Readonly<Record<string, string>>;

export const TLS_MODE_LABEL = 'security.istio.io/tlsMode';
const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const CLUSTER = 'topology.istio.io/cluster';
const HOSTNAME = 'kubernetes.io/hostname';

/** Labels that say where a workload runs. */
export const TOPOLOGY_LABELS: readonly string[] = [REGION, ZONE, SUBZONE, CLUSTER, HOSTNAME];

export function spiffeId(trustDomain: string, namespace: string, account: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`;
}

/** "region/zone/subzone" of a pod: its own label, else its node's. */
export function podLocality(pod: Pod, node: Node | undefined): string {
  const own = pod.metadata.labels?.['istio-locality'];
  if (own) return own.includes('/') ? own : own.replaceAll('.', '/');
  const labels = node?.metadata.labels ?? {};
  const region = labels[REGION] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels[ZONE] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const subZone = labels[SUBZONE] ?? '';
  return region || zone || subZone ? `${region}/${zone}/${subZone}` : '';
}

/** The labels of a workload with those of where it runs, which failover priorities may name. */
export function augmentLabels(
  labels: Labels,
  clusterId: string,
  locality: string,
  nodeName: string,
): Labels {
  const [region = '', zone = '', subZone = ''] = locality.split('/');
  return {
    ...labels,
    ...(region && { [REGION]: region }),
    ...(zone && { [ZONE]: zone }),
    ...(subZone && { [SUBZONE]: subZone }),
    ...(clusterId && { [CLUSTER]: clusterId }),
    ...(nodeName && { [HOSTNAME]: nodeName }),
  };
}

/** The controller behind the pod: the Deployment rather than its ReplicaSet. */
export function workloadName(pod: Pod): string {
  const owner = pod.metadata.ownerReferences?.find((it) => it.controller);
  if (!owner) return pod.metadata.name;
  if (owner.kind === 'ReplicaSet') {
    const hash = pod.metadata.labels?.['pod-template-hash'];
    const suffix = hash === undefined ? '' : `-${hash}`;
    if (suffix && owner.name.endsWith(suffix)) return owner.name.slice(0, -suffix.length);
  }
  return owner.name;
}

/** service.istio.io/canonical-name and -revision, else what the usual labels say. */
export function canonicalService(
  labels: Labels,
  workload: string,
): [name: string, revision: string] {
  const first = (...keys: string[]) => keys.map((key) => labels[key]).find(Boolean);
  return [
    first('service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app') ?? workload,
    first('service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version') ??
      'latest',
  ];
}
