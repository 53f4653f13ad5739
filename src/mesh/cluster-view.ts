/** Models quick answers about the cluster: which service has an address, which pod is whose. */
import type { ApiServer } from '../kube/api-server.ts';
import type { Pod } from '../kube/objects/pod.ts';
import { SERVICE_NAME_LABEL, type EndpointSlice, type Service } from '../kube/objects/service.ts';
import type { DnsZone } from './cluster-dns.ts';
import type { ServiceTable } from './kube-proxy.ts';
import { workloadOf } from './pod/proxy-identity.ts';

/** Indexes are thrown away on a change and made again when somebody asks. */
export class ClusterView implements DnsZone, ServiceTable {
  readonly #api: ApiServer;
  #services: Map<string, Service> | undefined = undefined;
  #slices: Map<string, EndpointSlice[]> | undefined = undefined;
  #workloads: Map<string, string> | undefined = undefined;

  /** `changed` hears of every change that the page may have to draw. */
  constructor(api: ApiServer, changed: () => void) {
    this.#api = api;
    const on = (kind: string, forget: () => void) =>
      api.watch(
        kind,
        () => {
          forget();
          changed();
        },
        0,
      );
    on('Service', () => (this.#services = undefined));
    on('EndpointSlice', () => (this.#slices = undefined));
    on('Pod', () => (this.#workloads = undefined));
    on('Namespace', () => undefined);
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#api.get<Service>('Service', namespace, name);
  }

  serviceAt(ip: string): Service | undefined {
    if (!this.#services) {
      this.#services = new Map();
      for (const service of this.#api.list<Service>('Service'))
        for (const address of service.spec.clusterIPs ?? [service.spec.clusterIP])
          if (address && address !== 'None') this.#services.set(address, service);
    }
    return this.#services.get(ip);
  }

  endpointSlices(namespace: string, service: string): readonly EndpointSlice[] {
    if (!this.#slices) {
      this.#slices = new Map();
      for (const slice of this.#api.list<EndpointSlice>('EndpointSlice')) {
        const key = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`;
        const known = this.#slices.get(key);
        if (known) known.push(slice);
        else this.#slices.set(key, [slice]);
      }
    }
    return this.#slices.get(`${namespace}/${service}`) ?? [];
  }

  /** Simplified: machines outside the cluster have no names here. */
  outside(): readonly string[] {
    return [];
  }

  workloadOf(podId: string): string | undefined {
    return this.#workloadIndex().get(podId);
  }

  workloadAt(ip: string): string | undefined {
    return this.#workloadIndex().get(ip);
  }

  #workloadIndex(): Map<string, string> {
    if (!this.#workloads) {
      this.#workloads = new Map();
      for (const pod of this.#api.list<Pod>('Pod')) {
        const { name, namespace = 'default' } = pod.metadata;
        const workload = `${workloadOf(pod)}.${namespace}`;
        this.#workloads.set(`${name}.${namespace}`, workload);
        if (pod.status?.podIP) this.#workloads.set(pod.status.podIP, workload);
      }
    }
    return this.#workloads;
  }
}
