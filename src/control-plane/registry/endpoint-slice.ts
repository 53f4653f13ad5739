/**
 * Models the conversion of EndpointSlices to endpoints.
 *
 * Spec: istio pilot/pkg/serviceregistry/kube/controller/endpointslice.go.
 */
import type { Endpoint, EndpointSlice } from '../../kube/objects/service.ts';
import type { KubeIndex } from './kube-index.ts';
import type { Service, ServiceEndpoint } from './service.ts';
import {
  augmentLabels,
  podLocality,
  spiffeId,
  TLS_MODE_LABEL,
  workloadName,
  type Labels,
} from './workload.ts';

/** The endpoints of one service; of an address and port given twice the first counts. */
export function sliceEndpoints(
  slices: readonly EndpointSlice[],
  service: Service,
  kube: KubeIndex,
  trustDomain: string,
): ServiceEndpoint[] {
  const seen = new Set<string>();
  const found: ServiceEndpoint[] = [];
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    for (const endpoint of slice.endpoints ?? [])
      for (const address of endpoint.addresses) {
        const workload = workloadOf(endpoint, address, slice, kube, trustDomain);
        if (!workload) continue;
        for (const { name = '', port = 0 } of slice.ports ?? []) {
          const key = `${address} ${name}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const health = healthOf(endpoint, service);
          found.push({ ...workload, address, port, servicePortName: name, health, weight: 1 });
        }
      }
  }
  return found;
}

type Workload = Omit<ServiceEndpoint, 'address' | 'port' | 'servicePortName' | 'health' | 'weight'>;

/** Undefined for a pod that is not known (yet); an address of no pod is taken as it is. */
function workloadOf(
  endpoint: Endpoint,
  address: string,
  slice: EndpointSlice,
  kube: KubeIndex,
  trustDomain: string,
): Workload | undefined {
  const namespace = endpoint.targetRef?.namespace ?? slice.metadata.namespace ?? '';
  const expected = endpoint.targetRef?.kind === 'Pod';
  const pod = expected ? kube.pod(endpoint.targetRef?.name ?? '', namespace) : kube.podAt(address);
  if (!pod) return expected ? undefined : NO_POD;
  const nodeName = pod.spec.nodeName ?? '';
  const locality = podLocality(pod, kube.node(nodeName));
  const labels = pod.metadata.labels ?? {};
  return {
    labels: augmentLabels(labels, kube.clusterId, locality, nodeName),
    serviceAccount: spiffeId(
      trustDomain,
      pod.metadata.namespace ?? '',
      pod.spec.serviceAccountName ?? 'default',
    ),
    locality,
    tlsMode: tlsModeOf(labels),
    workloadName: workloadName(pod),
    namespace: pod.metadata.namespace ?? '',
    nodeName,
    clusterId: kube.clusterId,
  };
}

const NO_POD: Workload = {
  labels: {},
  serviceAccount: '',
  locality: '',
  tlsMode: 'disabled',
  workloadName: '',
  namespace: '',
  nodeName: '',
  clusterId: 'Kubernetes',
};

export function tlsModeOf(labels: Labels): ServiceEndpoint['tlsMode'] {
  return labels[TLS_MODE_LABEL] === 'istio' ? 'istio' : 'disabled';
}

function healthOf({ conditions }: Endpoint, service: Service): ServiceEndpoint['health'] {
  if (conditions?.ready !== false) return 'HEALTHY';
  if (conditions.terminating !== false) return 'TERMINATING';
  return service.publishNotReadyAddresses ? 'HEALTHY' : 'UNHEALTHY';
}
