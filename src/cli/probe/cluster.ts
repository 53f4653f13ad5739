/** The cluster of a probe as its files say it: pods with their addresses, names, service addresses. */
import { loadAll } from 'js-yaml';
import { REGION_LABEL, ZONE_LABEL, type Node } from '../../kube/objects/cluster.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import type { Pod } from '../../kube/objects/pod.ts';
import type { EndpointSlice, Service } from '../../kube/objects/service.ts';
import { ClusterDns } from '../../mesh/cluster-dns.ts';
import { translate } from '../../mesh/kube-proxy.ts';
import { Network } from '../../sim/network/network.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Resolver } from '../../workloads/http/client.ts';
import type { ProbeCase } from './case.ts';

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const EXTERNAL_IP = '192.0.2.1';

/** A pod, or a machine outside, on the network. */
export interface Place {
  /** "POD.NS", or the machine's name. */
  readonly name: string;
  readonly namespaceName: string;
  readonly version: string;
  readonly ports: readonly number[];
  readonly network: NetworkNamespace;
}

export class ProbeCluster {
  readonly network: Network;
  readonly places = new Map<string, Place>();
  readonly resolver: Resolver;
  readonly #services = new Map<string, Service>();
  readonly #servicesByIp = new Map<string, Service>();
  readonly #slices = new Map<string, EndpointSlice[]>();
  readonly #nodes = new Map<string, Node>();
  readonly #nameByIp = new Map<string, string>();

  constructor(simulation: Simulation, probe: ProbeCase) {
    this.network = new Network(simulation);
    const documents = [...documentsIn(probe.clusterYaml), ...documentsIn(probe.configYaml)];
    for (const document of documents) this.#note(document);
    for (const pod of documents.filter(({ kind }) => kind === 'Pod')) this.#attach(pod, probe);
    for (const [name, { ip, ports }] of Object.entries(probe.requests.outside ?? {}))
      this.#attachMachine(name, ip, ports);
    this.#attachMachine('external', EXTERNAL_IP, []);
    const zone = {
      service: (namespace: string, name: string) => this.#services.get(`${namespace}/${name}`),
      endpointSlices: (namespace: string, name: string) => this.#slicesOf(namespace, name),
      outside: (host: string) => {
        const ip = probe.requests.hosts?.[host];
        return ip === undefined ? [] : [ip];
      },
    };
    // Asked anew for each request: of several addresses it always gives the first.
    this.resolver = {
      resolve: (host, namespace) => new ClusterDns(zone).resolve(host, namespace),
    };
    this.#translateServices(simulation);
  }

  /** "10.1.0.20:8080" → "b-1.default:8080"; an address that nobody here has stays as it is. */
  named(address: string): string {
    const colon = address.lastIndexOf(':');
    const name = this.#nameByIp.get(address.slice(0, colon));
    return name === undefined ? address : name + address.slice(colon);
  }

  #translateServices(simulation: Simulation): void {
    const random = simulation.random('kube-proxy');
    const table = {
      serviceAt: (ip: string) => this.#servicesByIp.get(ip),
      endpointSlices: (namespace: string, name: string) => this.#slicesOf(namespace, name),
    };
    this.network.translateService = (_from, to) => {
      const ports = this.#servicesByIp.get(to.ip)?.spec.ports;
      // The rules of the recorded mesh know whole addresses: an unknown port is nobody's.
      return ports?.some(({ port }) => port === to.port) ? translate(to, table, random) : undefined;
    };
  }

  #note(document: KubeObject): void {
    const { namespace = 'default', name, labels = {} } = document.metadata;
    if (document.kind === 'Node') this.#nodes.set(name, document as Node);
    if (document.kind === 'Service') {
      const service = { ...document, metadata: { ...document.metadata, namespace } } as Service;
      this.#services.set(`${namespace}/${name}`, service);
      const ip = service.spec.clusterIP;
      if (ip && ip !== 'None') this.#servicesByIp.set(ip, service);
    }
    if (document.kind === 'EndpointSlice') {
      const key = `${namespace}/${labels[SERVICE_NAME_LABEL]}`;
      const slice = withHostnames(document as EndpointSlice);
      const known = this.#slices.get(key);
      if (known) known.push(slice);
      else this.#slices.set(key, [slice]);
    }
  }

  #slicesOf(namespace: string, name: string): readonly EndpointSlice[] {
    return this.#slices.get(`${namespace}/${name}`) ?? [];
  }

  #attach(document: KubeObject, { requests }: ProbeCase): void {
    const pod = document as Pod;
    const { namespace: namespaceName = 'default', name: podName, labels = {} } = pod.metadata;
    const name = `${podName}.${namespaceName}`;
    const ip = pod.status?.podIP;
    if (!ip) return;
    this.#nameByIp.set(ip, name);
    const runs = !requests.pods || requests.pods.includes(name);
    if (!runs || requests.apps?.[name] === 'gone') return;
    const where = this.#nodes.get(pod.spec.nodeName ?? '')?.metadata.labels ?? {};
    const network = this.network.attach({
      name,
      ips: [ip],
      region: where[REGION_LABEL] ?? '',
      zone: where[ZONE_LABEL] ?? '',
      node: pod.spec.nodeName ?? name,
    });
    const ports = pod.spec.containers
      .filter(({ name: container }) => container !== 'istio-proxy')
      .flatMap(({ ports: declared = [] }) => declared.map(({ containerPort }) => containerPort));
    const version = versionOf(labels);
    this.places.set(name, { name, namespaceName, version, ports, network });
  }

  #attachMachine(name: string, ip: string, ports: readonly number[]): void {
    this.#nameByIp.set(ip, name);
    const network = this.network.attach({ name, ips: [ip] });
    const place = { name, namespaceName: 'default', version: '-', ports, network };
    this.places.set(name, place);
  }
}

/** What tells pods of one service apart: their version, else whatever label they have beside app. */
function versionOf(labels: Readonly<Record<string, string>>): string {
  const others = Object.entries(labels).filter(([name]) => name !== 'app' && !name.includes('/'));
  return labels['version'] ?? others[0]?.[1] ?? '-';
}

/** A pod's name in DNS is its own where the slice does not say another. */
function withHostnames(slice: EndpointSlice): EndpointSlice {
  const endpoints = (slice.endpoints ?? []).map((endpoint) => ({
    ...endpoint,
    hostname: endpoint.hostname ?? endpoint.targetRef?.name ?? '',
  }));
  return { ...slice, endpoints };
}

function documentsIn(text: string): KubeObject[] {
  return (loadAll(text) as (KubeObject | null)[]).filter((document) => document !== null);
}
