/** Models what a sidecar knows of itself from the downward API: its node, its peers' view of it. */
import { printProxyNode, type ProxyNode } from '../../control-plane/discovery/proxy-node.ts';
import { REGION_LABEL, ZONE_LABEL, type Node as KubeNode } from '../../kube/objects/cluster.ts';
import type { Pod } from '../../kube/objects/pod.ts';
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { Node } from '../../xds/resources/bootstrap.ts';

export const CLUSTER_ID = 'Kubernetes';
const CANONICAL_NAME = 'service.istio.io/canonical-name';
const CANONICAL_REVISION = 'service.istio.io/canonical-revision';
const GATEWAY_LABEL = 'istio';

/** The pod as istiod is told of it in the first request of its stream. */
export function proxyNodeOf(pod: Pod, ip: string, kubeNode: KubeNode | undefined): ProxyNode {
  const { name, namespace = 'default', labels = {}, annotations = {} } = pod.metadata;
  return {
    id: `${name}.${namespace}`,
    type: isGateway(pod) ? 'router' : 'sidecar',
    ips: [ip],
    namespace,
    dnsDomain: `${namespace}.svc.cluster.local`,
    labels,
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    locality: localityOf(kubeNode),
    nodeName: pod.spec.nodeName ?? '',
    clusterId: CLUSTER_ID,
    metadata: {
      ANNOTATIONS: { ...annotations },
      ISTIO_VERSION: '1.30.3',
      MESH_ID: 'cluster.local',
      NAME: name,
      WORKLOAD_NAME: workloadOf(pod),
    },
  };
}

export function xdsNodeOf(node: ProxyNode): Node {
  return printProxyNode(node);
}

/** Whether its agent was told to speak the incremental variant of xDS. */
export function speaksDelta(pod: Pod): boolean {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  return proxy?.env?.find(({ name }) => name === 'ISTIO_DELTA_XDS')?.value === 'true';
}

/** What its peers' metrics say of it. */
export function peerMetadataOf(pod: Pod): PeerMetadata {
  const { name, namespace = 'default', labels = {} } = pod.metadata;
  const workload = workloadOf(pod);
  return {
    workload,
    namespace,
    app: labels['app'] ?? labels['app.kubernetes.io/name'] ?? workload,
    version: labels['version'] ?? labels['app.kubernetes.io/version'] ?? 'latest',
    canonicalService: labels[CANONICAL_NAME] ?? labels['app'] ?? workload,
    canonicalRevision: labels[CANONICAL_REVISION] ?? labels['version'] ?? 'latest',
    cluster: CLUSTER_ID,
    name,
  };
}

/** The Deployment (or other owner) a pod belongs to; its own name when it stands alone. */
export function workloadOf(pod: Pod): string {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller !== false);
  if (!owner) return pod.metadata.name;
  const hash = pod.metadata.labels?.['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`)
    ? owner.name.slice(0, -hash.length - 1)
    : owner.name;
}

/** A pod whose proxy is the application: an ingress or egress gateway. */
export function isGateway(pod: Pod): boolean {
  const [only] = pod.spec.containers;
  return (
    pod.spec.containers.length === 1 &&
    only?.name === 'istio-proxy' &&
    (only.args ?? []).includes('router')
  );
}

export function gatewayRole(pod: Pod): 'ingress-gateway' | 'egress-gateway' {
  return pod.metadata.labels?.[GATEWAY_LABEL] === 'egressgateway'
    ? 'egress-gateway'
    : 'ingress-gateway';
}

function localityOf(node: KubeNode | undefined): ProxyNode['locality'] {
  const labels = node?.metadata.labels ?? {};
  return {
    region: labels[REGION_LABEL] ?? '',
    zone: labels[ZONE_LABEL] ?? '',
    subZone: labels['topology.istio.io/subzone'] ?? '',
  };
}
