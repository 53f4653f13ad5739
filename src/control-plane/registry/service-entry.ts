/**
 * Models services that ServiceEntries declare, and workloads that WorkloadEntries add.
 *
 * Spec: istio pilot/pkg/serviceregistry/serviceentry/conversion.go. Simplified: no health checks of
 * WorkloadEntries.
 */
import type { ServiceEntry } from '../../istio/kinds/service-entry.ts';
import type { WorkloadEntry, WorkloadEntrySpec } from '../../istio/kinds/workload-entry.ts';
import { parseProtocol } from '../../istio/protocol.ts';
import { byAge, namespaceOf, selects } from '../config.ts';
import { originIn } from '../origin.ts';
import { tlsModeOf } from './endpoint-slice.ts';
import { isIpAddress } from './ip-address.ts';
import type { KubeIndex } from './kube-index.ts';
import type { Resolution, Service, ServiceEndpoint, ServicePort } from './service.ts';
import {
  augmentLabels,
  podLocality,
  spiffeId,
  TLS_MODE_LABEL,
  workloadName,
  type Labels,
} from './workload.ts';

const RESOLUTIONS: Readonly<Record<string, Resolution>> = {
  NONE: 'PASSTHROUGH',
  STATIC: 'EDS',
  DNS: 'DNS',
  DNS_ROUND_ROBIN: 'DNS_ROUND_ROBIN',
  DYNAMIC_DNS: 'DYNAMIC_DNS',
};

/** A workload before it is known for which port of which service it stands. */
interface WorkloadInstance {
  readonly namespace: string;
  readonly labels: Labels;
  readonly ports: Readonly<Record<string, number>>;
  readonly endpoint: Omit<ServiceEndpoint, 'port' | 'servicePortName'>;
}

export class ServiceEntryRegistry {
  readonly services: readonly Service[];
  readonly #entryOf = new Map<Service, ServiceEntry>();
  readonly #endpoints = new Map<Service, readonly ServiceEndpoint[]>();
  readonly #workloads: readonly WorkloadInstance[];

  constructor(
    entries: readonly ServiceEntry[],
    workloadEntries: readonly WorkloadEntry[],
    kube: KubeIndex,
    trustDomain: string,
  ) {
    this.#workloads = [...workloadEntries]
      .sort((a, b) => byName(a.metadata, b.metadata))
      .map((entry) =>
        fromWorkloadEntry(
          { ...entry.spec, labels: { ...entry.spec.labels, ...entry.metadata.labels } },
          namespaceOf(entry),
          entry.metadata.name,
          trustDomain,
          kube.clusterId,
        ),
      );
    const pods = fromPods(kube, trustDomain);
    const services: Service[] = [];
    for (const entry of [...entries].sort(byAge))
      for (const service of convertServiceEntry(entry)) {
        services.push(service);
        this.#entryOf.set(service, entry);
        this.#endpoints.set(service, this.#select(entry, service, pods, trustDomain, kube));
      }
    this.services = services;
  }

  endpointsOf(service: Service): readonly ServiceEndpoint[] {
    return this.#endpoints.get(service) ?? [];
  }

  /** WorkloadEntries that a Kubernetes Service's selector covers. */
  endpointsSelectedBy(service: Service, kube: KubeIndex): readonly ServiceEndpoint[] {
    const { selector, namespace } = service;
    if (!selector || Object.keys(selector).length === 0) return [];
    const declared = kube.services.find(
      (it) => it.metadata.name === service.name && it.metadata.namespace === namespace,
    );
    return this.#workloads
      .filter((it) => it.namespace === namespace && selects(selector, it.labels))
      .filter((it) => isIpAddress(it.endpoint.address))
      .flatMap((workload) =>
        service.ports.map((port) => {
          const target = declared?.spec.ports?.find((it) => it.port === port.port)?.targetPort;
          const number = typeof target === 'number' ? target : workload.ports[target ?? port.name];
          return {
            ...workload.endpoint,
            port: workload.ports[port.name] ?? number ?? port.port,
            servicePortName: port.name,
          };
        }),
      );
  }

  #select(
    entry: ServiceEntry,
    service: Service,
    pods: readonly WorkloadInstance[],
    trustDomain: string,
    kube: KubeIndex,
  ): ServiceEndpoint[] {
    const { spec } = entry;
    const namespace = namespaceOf(entry);
    const isDns = service.resolution === 'DNS' || service.resolution === 'DNS_ROUND_ROBIN';
    if (spec.workloadSelector) {
      const { labels } = spec.workloadSelector;
      return [...pods, ...this.#workloads]
        .filter((it) => it.namespace === namespace && selects(labels, it.labels))
        .filter((it) => isDns || isIpAddress(it.endpoint.address))
        .flatMap((workload) => perPort(workload, entry));
    }
    if (!spec.endpoints?.length) return isDns ? hostAsEndpoint(entry, service, kube.clusterId) : [];
    return spec.endpoints.flatMap((endpoint, index) =>
      perPort(
        fromWorkloadEntry(
          endpoint,
          namespace,
          `${entry.metadata.name}-${index}`,
          trustDomain,
          kube.clusterId,
        ),
        entry,
      ),
    );
  }
}

function convertServiceEntry(entry: ServiceEntry): Service[] {
  const { spec, metadata } = entry;
  const ports: ServicePort[] = (spec.ports ?? []).map((port) => ({
    name: port.name,
    port: port.number,
    protocol: parseProtocol(port.protocol),
  }));
  const resolution = RESOLUTIONS[spec.resolution ?? 'NONE'] ?? 'PASSTHROUGH';
  const overrides = (spec.ports ?? []).filter(
    ({ targetPort }) => resolution === 'PASSTHROUGH' && targetPort,
  );
  const addresses = (spec.addresses ?? []).map((it) =>
    it.replace(it.includes(':') ? /\/128$/ : /\/32$/, ''),
  );
  return spec.hosts.flatMap((host) =>
    (addresses.length > 0 ? addresses : ['0.0.0.0']).map((address) => ({
      host,
      name: host,
      namespace: namespaceOf(entry),
      registry: 'External' as const,
      creationTimestamp: metadata.creationTimestamp ?? '',
      ports,
      address,
      extraAddresses: [],
      resolution,
      meshExternal: (spec.location ?? 'MESH_EXTERNAL') === 'MESH_EXTERNAL',
      labels: metadata.labels ?? {},
      selector: spec.workloadSelector?.labels,
      exportTo: spec.exportTo?.length ? spec.exportTo : undefined,
      serviceAccounts: spec.subjectAltNames ?? [],
      aliases: [],
      nodeLocal: false,
      ...(overrides.length > 0 && {
        passthroughTargetPorts: new Map(overrides.map((it) => [it.number, it.targetPort!])),
      }),
      origin: originIn(entry, 'spec'),
    })),
  );
}

/** A DNS entry without endpoints is its own endpoint: its host name is resolved. */
function hostAsEndpoint(
  entry: ServiceEntry,
  service: Service,
  clusterId: string,
): ServiceEndpoint[] {
  return (entry.spec.ports ?? []).map((port) => ({
    address: service.host,
    port: port.targetPort || port.number,
    servicePortName: port.name,
    labels: {},
    serviceAccount: '',
    locality: '',
    tlsMode: 'disabled',
    workloadName: entry.metadata.name,
    namespace: namespaceOf(entry),
    nodeName: '',
    health: 'UNKNOWN',
    weight: 1,
    clusterId,
  }));
}

function perPort(workload: WorkloadInstance, entry: ServiceEntry): ServiceEndpoint[] {
  const { address } = workload.endpoint;
  const isSocket = address.startsWith('unix://');
  return (entry.spec.ports ?? []).map((port) => ({
    ...workload.endpoint,
    address: isSocket ? address.slice('unix://'.length) : address,
    port: isSocket ? 0 : workload.ports[port.name] || port.targetPort || port.number,
    servicePortName: port.name,
  }));
}

function fromWorkloadEntry(
  entry: WorkloadEntrySpec,
  namespace: string,
  name: string,
  trustDomain: string,
  clusterId: string,
): WorkloadInstance {
  const labels = entry.labels ?? {};
  const locality = entry.locality ?? labels['istio-locality']?.replaceAll('.', '/') ?? '';
  const declared = labels[TLS_MODE_LABEL];
  return {
    namespace,
    labels,
    ports: entry.ports ?? {},
    endpoint: {
      address: entry.address ?? '',
      labels: augmentLabels(labels, clusterId, locality, ''),
      serviceAccount: entry.serviceAccount
        ? spiffeId(trustDomain, namespace, entry.serviceAccount)
        : '',
      locality,
      tlsMode:
        (declared ?? (entry.serviceAccount ? 'istio' : '')) === 'istio' ? 'istio' : 'disabled',
      workloadName: name,
      namespace,
      nodeName: '',
      health: 'UNKNOWN',
      weight: entry.weight || 1,
      clusterId,
    },
  };
}

/** Ready pods stand as workloads too: a ServiceEntry's selector may cover them. */
function fromPods(kube: KubeIndex, trustDomain: string): WorkloadInstance[] {
  return [...kube.pods]
    .filter((pod) => pod.status?.podIP)
    .sort((a, b) => byName(a.metadata, b.metadata))
    .map((pod) => {
      const namespace = pod.metadata.namespace ?? '';
      const labels = pod.metadata.labels ?? {};
      const nodeName = pod.spec.nodeName ?? '';
      const locality = podLocality(pod, kube.node(nodeName));
      return {
        namespace,
        labels,
        ports: {},
        endpoint: {
          address: pod.status?.podIP ?? '',
          labels: augmentLabels(labels, kube.clusterId, locality, nodeName),
          serviceAccount: spiffeId(
            trustDomain,
            namespace,
            pod.spec.serviceAccountName ?? 'default',
          ),
          locality,
          tlsMode: tlsModeOf(labels),
          workloadName: workloadName(pod),
          namespace,
          nodeName,
          health: 'HEALTHY',
          weight: 1,
          clusterId: kube.clusterId,
        },
      };
    });
}

function byName(a: { name: string; namespace?: string }, b: typeof a): number {
  const [x, y] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
