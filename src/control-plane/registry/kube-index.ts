/** Models the Kubernetes objects istiod watches, indexed by what it asks for. */
import type { Namespace, Node } from '../../kube/objects/cluster.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import type { Pod } from '../../kube/objects/pod.ts';
import {
  SERVICE_NAME_LABEL,
  type EndpointSlice,
  type Service as KubeService,
} from '../../kube/objects/service.ts';

export class KubeIndex {
  readonly clusterId: string;
  readonly services: readonly KubeService[];
  readonly #pods = new Map<string, Pod>();
  readonly #podsByIp = new Map<string, Pod>();
  readonly #nodes = new Map<string, Node>();
  readonly #namespaces = new Map<string, Namespace>();
  readonly #slices = new Map<string, EndpointSlice[]>();

  constructor(objects: Iterable<KubeObject>, clusterId = 'Kubernetes') {
    this.clusterId = clusterId;
    const services: KubeService[] = [];
    for (const object of objects) {
      const { name, namespace = '' } = object.metadata;
      const key = `${namespace}/${name}`;
      if (object.kind === 'Pod') this.#addPod(key, object as Pod);
      else if (object.kind === 'Node') this.#nodes.set(name, object as Node);
      else if (object.kind === 'Namespace') this.#namespaces.set(name, object as Namespace);
      else if (object.kind === 'EndpointSlice') this.#addSlice(object as EndpointSlice);
      else if (object.kind === 'Service' && object.apiVersion === 'v1')
        services.push(object as KubeService);
    }
    this.services = services;
  }

  pod(name: string, namespace: string): Pod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** The pod with this address; pods on the host's network share the node's and are not found. */
  podAt(ip: string): Pod | undefined {
    return this.#podsByIp.get(ip);
  }

  get pods(): Iterable<Pod> {
    return this.#pods.values();
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.get(name);
  }

  slicesOf(service: string, namespace: string): readonly EndpointSlice[] {
    return this.#slices.get(`${namespace}/${service}`) ?? [];
  }

  #addPod(key: string, pod: Pod): void {
    this.#pods.set(key, pod);
    const ip = pod.status?.podIP;
    if (ip && !pod.spec.hostNetwork) this.#podsByIp.set(ip, pod);
  }

  #addSlice(slice: EndpointSlice): void {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (!service) return;
    const key = `${slice.metadata.namespace ?? ''}/${service}`;
    const slices = this.#slices.get(key);
    if (slices) slices.push(slice);
    else this.#slices.set(key, [slice]);
  }
}
