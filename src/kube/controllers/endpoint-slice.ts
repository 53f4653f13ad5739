/**
 * Models the EndpointSlice controller: the addresses behind a Service, kept up to date.
 *
 * A pod that is going stays listed, not ready and terminating, until it is gone. A Service for
 * which somebody else wrote EndpointSlices is left alone.
 *
 * Spec: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/;
 * k8s.io/endpointslice. Simplified: slices are not split at 100 endpoints; IPv4 unless given.
 */
import type { ApiServer } from '../api-server.ts';
import { deepEqual } from '../api/merge.ts';
import { matchesLabels } from '../labels/selector.ts';
import { nameSuffix } from '../names/suffix.ts';
import { ZONE_LABEL } from '../objects/cluster.ts';
import type { StringMap } from '../objects/metadata.ts';
import { isPodFinished, isPodReady, type Pod } from '../objects/pod.ts';
import {
  SERVICE_NAME_LABEL,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  type Service,
} from '../objects/service.ts';
import type { Micros } from '../../sim/time.ts';
import { controllerReference, isControlledBy } from './owner.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';

export function startEndpointSliceController(api: ApiServer, delayUs: Micros): void {
  const services = new ServiceIndex();
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, key));
  api.watch<Service>('Service', ({ type, object }) => {
    if (type === 'DELETED') services.delete(object);
    else services.set(object);
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
  });
  api.watch<Pod>('Pod', ({ object, old }) => {
    for (const key of services.selecting(object)) queue.add(key);
    if (old && old.metadata.labels !== object.metadata.labels)
      for (const key of services.selecting(old)) queue.add(key);
  });
  api.watch<EndpointSlice>('EndpointSlice', ({ object }) => {
    const name = object.metadata.labels?.[SERVICE_NAME_LABEL];
    if (name && !isManaged(object)) queue.add(`${object.metadata.namespace}/${name}`);
  });
}

/** Services by one pair of their selector: a pod concerns only those whose pair it carries. */
class ServiceIndex {
  readonly #byPair = new Map<string, Map<string, Service>>();
  readonly #pairs = new Map<string, string>();

  set(service: Service): void {
    this.delete(service);
    const { namespace, name } = service.metadata;
    const [first] = Object.entries(service.spec.selector ?? {});
    if (!first) return;
    const key = `${namespace}/${name}`;
    const pair = `${namespace} ${first[0]}=${first[1]}`;
    this.#pairs.set(key, pair);
    const services = this.#byPair.get(pair);
    if (services) services.set(key, service);
    else this.#byPair.set(pair, new Map([[key, service]]));
  }

  delete({ metadata }: Service): void {
    const key = `${metadata.namespace}/${metadata.name}`;
    this.#byPair.get(this.#pairs.get(key) ?? '')?.delete(key);
    this.#pairs.delete(key);
  }

  *selecting(pod: Pod): Iterable<string> {
    const { namespace, labels = {} } = pod.metadata;
    for (const [name, value] of Object.entries(labels))
      for (const [key, service] of this.#byPair.get(`${namespace} ${name}=${value}`) ?? [])
        if (matchesLabels(service.spec.selector!, labels)) yield key;
  }
}

function reconcile(api: ApiServer, key: string): void {
  const { namespace, name } = splitKey(key);
  const service = api.get<Service>('Service', namespace, name);
  if (!service?.spec.selector || service.spec.type === 'ExternalName') return;
  const slices = api.list<EndpointSlice>('EndpointSlice', {
    namespace,
    selector: { matchLabels: { [SERVICE_NAME_LABEL]: name } },
  });
  const mine = slices.filter((slice) => isManaged(slice) && isControlledBy(slice, service));
  const wanted = mine.length < slices.length ? [] : wantedSlices(api, service);
  wanted.forEach((slice, at) => put(api, service, slice, mine[at]));
  for (const slice of mine.slice(wanted.length))
    api.delete('EndpointSlice', namespace, slice.metadata.name);
}

function isManaged(slice: EndpointSlice): boolean {
  return slice.metadata.labels?.[MANAGED_BY] === MANAGER;
}

interface SliceContent {
  readonly addressType: EndpointSlice['addressType'];
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** One slice for each distinct set of target ports; a named port may differ between pods. */
function wantedSlices(api: ApiServer, service: Service): SliceContent[] {
  const { namespace } = service.metadata;
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[]; v6: boolean }>();
  const selector = { matchLabels: service.spec.selector! };
  for (const pod of api.list<Pod>('Pod', { namespace: namespace!, selector })) {
    if (!pod.status?.podIP || isPodFinished(pod)) continue;
    const v6 = pod.status.podIP.includes(':');
    const ports = targetPorts(service, pod);
    const id = `${v6} ${JSON.stringify(ports)}`;
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { ports, endpoints: [], v6 }));
    group.endpoints.push(endpointOf(api, service, pod));
  }
  if (groups.size === 0) return [{ addressType: 'IPv4', ports: [], endpoints: [] }];
  return [...groups.values()].map(({ ports, endpoints, v6 }) => ({
    addressType: v6 ? 'IPv6' : 'IPv4',
    ports,
    endpoints,
  }));
}

function targetPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const { name, port, targetPort = port, protocol = 'TCP', appProtocol } of service.spec
    .ports ?? []) {
    const number = portNumber(pod, targetPort, protocol);
    if (number === undefined) continue;
    ports.push({
      name: name ?? '',
      port: number,
      protocol,
      ...(appProtocol && { appProtocol }),
    });
  }
  return ports;
}

/** The number of a pod's port given by number or name. */
export function portNumber(pod: Pod, port: number | string, protocol = 'TCP'): number | undefined {
  if (typeof port === 'number') return port;
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])])
    for (const declared of container.ports ?? [])
      if (declared.name === port && (declared.protocol ?? 'TCP') === protocol)
        return declared.containerPort;
  return undefined;
}

function endpointOf(api: ApiServer, service: Service, pod: Pod): Endpoint {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const node = pod.spec.nodeName;
  const zone = node && api.get('Node', '', node)?.metadata.labels?.[ZONE_LABEL];
  const { hostname, subdomain } = pod.spec;
  return {
    addresses: [pod.status!.podIP!],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(node && { nodeName: node }),
    ...(zone && { zone }),
    targetRef: { kind: 'Pod', name, namespace: namespace!, uid: uid! },
  };
}

function put(
  api: ApiServer,
  service: Service,
  content: SliceContent,
  old: EndpointSlice | undefined,
): void {
  const labels: StringMap = {
    ...service.metadata.labels,
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
    ...(service.spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }),
  };
  if (old) {
    const next: EndpointSlice = { ...old, ...content, metadata: { ...old.metadata, labels } };
    if (!deepEqual(next, old)) api.update(next);
    return;
  }
  const { name, namespace } = service.metadata;
  const suffix = nameSuffix(api.simulation.random(`endpoint-slice/${namespace}/${name}`));
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${suffix}`,
      namespace: namespace!,
      labels,
      ownerReferences: [controllerReference(service)],
    },
    ...content,
  };
  api.create(slice);
}
