/** Models the mesh as the page draws it: pods, services, who is ejected, who is behind. */
import type { ProxyStatus } from '../control-plane/discovery/proxy-status.ts';
import type { ApiServer } from '../kube/api-server.ts';
import type { Pod } from '../kube/objects/pod.ts';
import { SERVICE_NAME_LABEL, type EndpointSlice, type Service } from '../kube/objects/service.ts';
import type { Topology, TopologyPod, TopologyService } from '../protocol/topology.ts';
import { imageName } from '../workloads/registry.ts';
import type { PodRuntime } from './pod/pod-runtime.ts';
import { gatewayRole, isGateway, workloadOf } from './pod/proxy-identity.ts';
import type { Ejections } from './ejections.ts';
import type { Points } from './points.ts';

export interface TopologySources {
  readonly api: ApiServer;
  readonly runtime: PodRuntime;
  readonly points: Points;
  readonly ejections: Ejections;
  readonly proxyStatus: readonly ProxyStatus[];
  /** Faults that strike a pod, by pod id. */
  readonly faultsOf: (podId: string) => readonly string[];
  readonly hasOutside: boolean;
}

export function topologyOf(revision: number, sources: TopologySources): Topology {
  const { api, points } = sources;
  const byPod = new Map(sources.proxyStatus.map((status) => [status.proxy.id, status]));
  const running = api
    .list<Pod>('Pod')
    .map((pod) => topologyPod(pod, byPod.get(podId(pod)), sources));
  const pods = running.some(({ role }) => role === 'istiod')
    ? running
    : [...running, ...lostIstiod(sources)];
  const outside = sources.hasOutside ? [{ id: 'external', point: points.number('external') }] : [];
  return {
    revision,
    namespaces: api.list('Namespace').map(({ metadata }) => ({
      name: metadata.name,
      injected: metadata.labels?.['istio-injection'] === 'enabled',
    })),
    zones: [...new Set(pods.map(({ zone }) => zone).filter((zone) => zone !== ''))].sort(),
    pods,
    services: topologyServices(api),
    outside,
    points: [...points.names],
  };
}

export function podId({ metadata }: Pod): string {
  return `${metadata.name}.${metadata.namespace ?? 'default'}`;
}

function topologyPod(
  pod: Pod,
  status: ProxyStatus | undefined,
  sources: TopologySources,
): TopologyPod {
  const id = podId(pod);
  const { points, runtime } = sources;
  const { name, namespace = 'default', labels = {} } = pod.metadata;
  const sandbox = runtime.sandboxes.get(id);
  const main = pod.spec.containers.find((container) => container.name !== 'istio-proxy');
  const hasSidecar = pod.spec.containers.some((one) => one.name === 'istio-proxy');
  const nack = Object.values(status?.types ?? {}).find(({ state }) => state === 'nacked')?.error;
  const role = roleOf(pod);
  return {
    id,
    name,
    namespace,
    workload: workloadOf(pod),
    version: labels['version'] ?? '',
    ip: pod.status?.podIP ?? '',
    node: pod.spec.nodeName ?? '',
    zone: sandbox?.facts.zone ?? '',
    phase: pod.metadata.deletionTimestamp ? 'Terminating' : (pod.status?.phase ?? 'Pending'),
    ready: isReady(pod),
    role,
    sidecar: hasSidecar && role === 'application',
    image: main?.image ?? '',
    appPoint: points.number(`${id}/app`),
    sidecarPoint: points.number(`${id}/sidecar`),
    sync: hasSidecar ? syncOf(status, sandbox?.sidecar?.isConnected ?? false) : 'synced',
    ...(nack !== undefined && { nack }),
    faults: sources.faultsOf(id),
    ejectedBy: sources.ejections.of(pod.status?.podIP ?? ''),
  };
}

/** istiod's place when it has no pod left: what is missing should be seen. */
function lostIstiod({ api, points }: TopologySources): TopologyPod[] {
  if (!api.get('Deployment', 'istio-system', 'istiod')) return [];
  return [
    {
      id: 'istiod.istio-system',
      name: 'istiod',
      namespace: 'istio-system',
      workload: 'istiod',
      version: '',
      ip: '',
      node: '',
      zone: '',
      phase: 'Failed',
      ready: false,
      role: 'istiod',
      sidecar: false,
      image: '',
      appPoint: points.number('istiod.istio-system/app'),
      sidecarPoint: points.number('istiod.istio-system/sidecar'),
      sync: 'disconnected',
      faults: ['lose-istiod'],
      ejectedBy: [],
    },
  ];
}

function syncOf(status: ProxyStatus | undefined, isConnected: boolean): TopologyPod['sync'] {
  if (!status || !isConnected) return 'disconnected';
  const states = Object.values(status.types).map(({ state }) => state);
  if (states.includes('nacked')) return 'nacked';
  if (states.includes('stale')) return 'stale';
  return status.types.CDS.state === 'not-sent' ? 'not-sent' : 'synced';
}

function roleOf(pod: Pod): TopologyPod['role'] {
  if (pod.spec.containers.some(({ image = '' }) => imageName(image) === 'pilot')) return 'istiod';
  return isGateway(pod) ? gatewayRole(pod) : 'application';
}

function isReady(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function topologyServices(api: ApiServer): TopologyService[] {
  const pods = new Map<string, string[]>();
  for (const slice of api.list<EndpointSlice>('EndpointSlice')) {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    const { namespace } = slice.metadata;
    const ids = (slice.endpoints ?? []).flatMap(({ targetRef }) =>
      targetRef?.kind === 'Pod' ? [`${targetRef.name}.${targetRef.namespace ?? namespace}`] : [],
    );
    const key = `${service}.${namespace}`;
    pods.set(key, [...(pods.get(key) ?? []), ...ids]);
  }
  return api.list<Service>('Service').map(({ metadata, spec }) => {
    const id = `${metadata.name}.${metadata.namespace ?? 'default'}`;
    return {
      id,
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      clusterIp: spec.clusterIP ?? '',
      ports: (spec.ports ?? []).map(({ name = '', port }) => ({ name, port })),
      pods: pods.get(id) ?? [],
    };
  });
}
