/**
 * Models the columns that `kubectl get` prints for each kind.
 *
 * Spec: k8s.io/kubernetes/pkg/printers/internalversion; additionalPrinterColumns of Istio's CRDs.
 */
import { formatSelector } from '../../../kube/labels/selector.ts';
import type { ConfigMap, Node, Secret } from '../../../kube/objects/cluster.ts';
import type { KubeObject, LabelSelector, StringMap } from '../../../kube/objects/metadata.ts';
import type { Pod, PodTemplateSpec } from '../../../kube/objects/pod.ts';
import type { EndpointSlice, Ingress, Service } from '../../../kube/objects/service.ts';
import type {
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from '../../../kube/objects/workload.ts';
import { timeOf } from '../../../kube/api/timestamp.ts';
import type { Micros } from '../../../sim/time.ts';
import { age, humanDuration } from './age.ts';
import { endpointsText, type Endpoints } from './endpoints.ts';
import { summarize } from './pod-summary.ts';

export interface Column {
  readonly title: string;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  readonly cell: (object: KubeObject, now: Micros) => string;
}

const AGE: Column = {
  title: 'AGE',
  cell: ({ metadata }, now) => age(now, metadata.creationTimestamp),
};

/** A column of objects of one type. */
function column<T extends KubeObject>(
  title: string,
  cell: (object: T, now: Micros) => unknown,
  wide = false,
): Column {
  const text = (value: unknown) => (value === undefined ? '<none>' : String(value));
  return { title, wide, cell: (object, now) => text(cell(object as T, now)) };
}

/** A printer column of a custom resource: lists as JSON, nothing where there is nothing. */
function printed(title: string, path: readonly string[]): Column {
  return {
    title,
    cell: (object) => {
      let value: unknown = object;
      for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
      if (value === undefined || value === null) return '';
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    },
  };
}

/** The columns of a kind after NAME. */
export function columnsOf(kindId: string): readonly Column[] {
  return COLUMNS[kindId] ?? [AGE];
}

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    column<Pod>('READY', (pod, now) => summarize(pod, now).ready),
    column<Pod>('STATUS', (pod, now) => summarize(pod, now).status),
    column<Pod>('RESTARTS', (pod, now) => summarize(pod, now).restarts),
    AGE,
    column<Pod>('IP', (pod) => pod.status?.podIP, true),
    column<Pod>('NODE', (pod) => pod.spec.nodeName, true),
    column<Pod>('NOMINATED NODE', () => undefined, true),
    column<Pod>('READINESS GATES', () => undefined, true),
  ],
  Service: [
    column<Service>('TYPE', ({ spec }) => spec.type ?? 'ClusterIP'),
    column<Service>('CLUSTER-IP', ({ spec }) => spec.clusterIP),
    column<Service>('EXTERNAL-IP', externalIp),
    column<Service>('PORT(S)', servicePorts),
    AGE,
    column<Service>('SELECTOR', ({ spec }) => formatSelector(spec.selector), true),
  ],
  Deployment: [
    column<Deployment>(
      'READY',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    ),
    column<Deployment>('UP-TO-DATE', ({ status }) => status?.updatedReplicas ?? 0),
    column<Deployment>('AVAILABLE', ({ status }) => status?.availableReplicas ?? 0),
    AGE,
    ...templateColumns(true),
  ],
  ReplicaSet: [
    column<ReplicaSet>('DESIRED', ({ spec }) => spec.replicas ?? 1),
    column<ReplicaSet>('CURRENT', ({ status }) => status?.replicas ?? 0),
    column<ReplicaSet>('READY', ({ status }) => status?.readyReplicas ?? 0),
    AGE,
    ...templateColumns(true),
  ],
  StatefulSet: [
    column<StatefulSet>(
      'READY',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    ),
    AGE,
    ...templateColumns(false),
  ],
  DaemonSet: [
    column<DaemonSet>('DESIRED', ({ status }) => status?.desiredNumberScheduled ?? 0),
    column<DaemonSet>('CURRENT', ({ status }) => status?.currentNumberScheduled ?? 0),
    column<DaemonSet>('READY', ({ status }) => status?.numberReady ?? 0),
    column<DaemonSet>('UP-TO-DATE', ({ status }) => status?.updatedNumberScheduled ?? 0),
    column<DaemonSet>('AVAILABLE', ({ status }) => status?.numberAvailable ?? 0),
    column<DaemonSet>('NODE SELECTOR', ({ spec }) =>
      formatSelector(spec.template.spec.nodeSelector),
    ),
    AGE,
    ...templateColumns(true),
  ],
  Job: [
    column<Job>('STATUS', ({ status }) => status?.conditions?.[0]?.type ?? 'Running'),
    column<Job>(
      'COMPLETIONS',
      ({ spec, status }) => `${status?.succeeded ?? 0}/${spec.completions ?? 1}`,
    ),
    column<Job>('DURATION', jobDuration),
    AGE,
  ],
  EndpointSlice: [
    column<EndpointSlice>('ADDRESSTYPE', ({ addressType }) => addressType),
    column<EndpointSlice>('PORTS', ({ ports }) => listed((ports ?? []).map(({ port }) => port))),
    column<EndpointSlice>('ENDPOINTS', ({ endpoints }) =>
      listed((endpoints ?? []).flatMap(({ addresses }) => addresses)),
    ),
    AGE,
  ],
  Endpoints: [column<Endpoints>('ENDPOINTS', endpointsText), AGE],
  Node: [
    column<Node>('STATUS', nodeStatus),
    column<Node>('ROLES', () => '<none>'),
    AGE,
    column<Node>('VERSION', ({ status }) => status?.nodeInfo?.['kubeletVersion']),
    column<Node>('INTERNAL-IP', (node) => nodeAddress(node, 'InternalIP'), true),
    column<Node>('EXTERNAL-IP', (node) => nodeAddress(node, 'ExternalIP'), true),
    column<Node>('OS-IMAGE', ({ status }) => status?.nodeInfo?.['osImage'], true),
    column<Node>('KERNEL-VERSION', ({ status }) => status?.nodeInfo?.['kernelVersion'], true),
    column<Node>(
      'CONTAINER-RUNTIME',
      ({ status }) => status?.nodeInfo?.['containerRuntimeVersion'],
      true,
    ),
  ],
  Namespace: [
    column<KubeObject<unknown, { phase?: string }>>(
      'STATUS',
      ({ status }) => status?.phase ?? 'Active',
    ),
    AGE,
  ],
  ServiceAccount: [column('SECRETS', () => 0), AGE],
  ConfigMap: [column<ConfigMap>('DATA', ({ data }) => Object.keys(data ?? {}).length), AGE],
  Secret: [
    column<Secret>('TYPE', ({ type }) => type ?? 'Opaque'),
    column<Secret>(
      'DATA',
      ({ data, stringData }) => Object.keys({ ...data, ...stringData }).length,
    ),
    AGE,
  ],
  Ingress: [
    column<Ingress>('CLASS', ({ spec }) => spec.ingressClassName),
    column<Ingress>(
      'HOSTS',
      ({ spec }) => (spec.rules ?? []).map(({ host }) => host ?? '*').join(',') || '*',
    ),
    column('ADDRESS', () => ''),
    column<Ingress>('PORTS', ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
    AGE,
  ],
  VirtualService: [
    printed('GATEWAYS', ['spec', 'gateways']),
    printed('HOSTS', ['spec', 'hosts']),
    AGE,
  ],
  DestinationRule: [printed('HOST', ['spec', 'host']), AGE],
  ServiceEntry: [
    printed('HOSTS', ['spec', 'hosts']),
    printed('LOCATION', ['spec', 'location']),
    printed('RESOLUTION', ['spec', 'resolution']),
    AGE,
  ],
  WorkloadEntry: [AGE, printed('ADDRESS', ['spec', 'address'])],
  PeerAuthentication: [printed('MODE', ['spec', 'mtls', 'mode']), AGE],
  AuthorizationPolicy: [printed('ACTION', ['spec', 'action']), AGE],
  'Gateway.gateway.networking.k8s.io': [
    printed('CLASS', ['spec', 'gatewayClassName']),
    column<KubeObject<unknown, { addresses?: { value: string }[] }>>(
      'ADDRESS',
      ({ status }) => status?.addresses?.[0]?.value ?? '',
    ),
    column<KubeObject<unknown, { conditions?: { type: string; status: string }[] }>>(
      'PROGRAMMED',
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Programmed')?.status ?? '',
    ),
    AGE,
  ],
  HTTPRoute: [printed('HOSTNAMES', ['spec', 'hostnames']), AGE],
};

interface Templated extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec; readonly selector: LabelSelector };
}

function templateColumns(withSelector: boolean): Column[] {
  const containers = ({ spec }: Templated) => spec.template.spec.containers;
  return [
    column<Templated>(
      'CONTAINERS',
      (object) =>
        containers(object)
          .map(({ name }) => name)
          .join(','),
      true,
    ),
    column<Templated>(
      'IMAGES',
      (object) =>
        containers(object)
          .map(({ image }) => image)
          .join(','),
      true,
    ),
    ...(withSelector
      ? [column<Templated>('SELECTOR', ({ spec }) => formatSelector(spec.selector), true)]
      : []),
  ];
}

/** Three and "+ 2 more...". */
function listed(values: readonly unknown[]): string {
  if (values.length === 0) return '<unset>';
  const more = values.length > 3 ? ` + ${values.length - 3} more...` : '';
  return values.slice(0, 3).join(',') + more;
}

function externalIp({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname);
  const all = [...ingress, ...(spec.externalIPs ?? [])];
  if (all.length > 0) return all.join(',');
  return spec.type === 'LoadBalancer' ? '<pending>' : '<none>';
}

function servicePorts({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const word = ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

function nodeAddress(node: Node, type: string): string | undefined {
  return node.status?.addresses?.find((address) => address.type === type)?.address;
}

function jobDuration({ status }: Job, now: Micros): string {
  const started = timeOf(status?.startTime);
  if (started === undefined) return '';
  return humanDuration((timeOf(status?.completionTime) ?? now) - started);
}

/** "app=web,version=v1", as --show-labels prints them. */
export function labelText(labels: StringMap | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}
