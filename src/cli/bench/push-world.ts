/** A large mesh without traffic: services with pods, their sidecars' streams, one istiod. */
import { CertificateAuthority } from '../../ca/certificate-authority.ts';
import { IstioConfigGenerator } from '../../control-plane/config-generator.ts';
import { Istiod } from '../../control-plane/discovery/istiod.ts';
import { printProxyNode, type ProxyNode } from '../../control-plane/discovery/proxy-node.ts';
import { endpointNames, routeNames } from '../../control-plane/generate.ts';
import type { PushContext } from '../../control-plane/push/push-context.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { Network } from '../../sim/network/network.ts';
import { Simulation } from '../../sim/simulation.ts';
import { EPOCH_MS, type Micros } from '../../sim/time.ts';
import { AdsClient, type ResourceSink } from '../../xds/ads-client.ts';
import type { Cluster } from '../../xds/resources/cluster.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import type { Resource } from '../../xds/resources/resource.ts';
import type { XdsType } from '../../xds/type-url.ts';

const ISTIOD_IP = '10.0.0.2';
const SERVICES_EACH_NAMESPACE = 50;
/** The service whose VirtualService is edited. */
const EDITED = { name: 's0', namespace: 'n0' };

/** Takes everything over and asks for what clusters and listeners refer to, as a sidecar does. */
class Sidecar implements ResourceSink {
  #endpoints: readonly string[] = [];
  #routes: readonly string[] = [];

  apply(type: XdsType, resources: readonly Resource[]): undefined {
    if (type === 'CDS') this.#endpoints = endpointNames(resources as readonly Cluster[]);
    if (type === 'LDS') this.#routes = routeNames(resources as readonly Listener[]);
  }

  subscriptions(type: XdsType): readonly string[] | undefined {
    if (type === 'EDS') return this.#endpoints;
    if (type === 'RDS') return this.#routes;
    return type === 'SDS' ? [] : undefined;
  }
}

export class PushWorld {
  readonly simulation = new Simulation(1);
  readonly istiod: Istiod<PushContext>;
  /** Responses that sidecars took over, all types together. */
  acknowledgements = 0;
  readonly #objects = new Map<string, KubeObject>();
  #edits = 0;

  /** Each service has `sidecars / services` pods; every pod has a sidecar that is connected. */
  constructor(services: number, sidecars: number) {
    const { simulation } = this;
    simulation.trace.subscribe(({ name }) => {
      if (name === 'xds.ack') this.acknowledgements += 1;
    });
    const network = new Network(simulation);
    const pod = network.attach({ name: 'istiod-1.istio-system', ips: [ISTIOD_IP] });
    const authority = new CertificateAuthority(simulation.random('ca'), {
      trustDomain: 'cluster.local',
      createdAtMs: EPOCH_MS,
    });
    const generator = new IstioConfigGenerator({
      objects: () => this.#objects.values(),
      meshConfig: () => undefined,
    });
    for (let i = 0; i < services; i++) this.#addService(i, services, sidecars);
    this.#writeVirtualService();
    this.istiod = new Istiod(pod, generator, authority);
    this.istiod.start();
    for (let i = 0; i < sidecars; i++) {
      const node = nodeOf(i, services);
      const namespace = network.attach({ name: node.id, ips: node.ips });
      const resolve = () => ({ ip: ISTIOD_IP, port: 15012 });
      new AdsClient(namespace, new Sidecar(), { node: printProxyNode(node), resolve }).start();
    }
  }

  runFor(us: Micros): void {
    this.simulation.runUntil(this.simulation.now + us);
  }

  /** Changes the time-out of the one VirtualService. */
  edit(): void {
    this.#writeVirtualService();
    this.istiod.configChanged('VirtualService', EDITED.name, EDITED.namespace);
  }

  #writeVirtualService(): void {
    const { name, namespace } = EDITED;
    this.#put({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: metadata(name, namespace),
      spec: {
        hosts: [name],
        http: [{ timeout: `${++this.#edits}s`, route: [{ destination: { host: name } }] }],
      },
    });
  }

  #addService(i: number, services: number, sidecars: number): void {
    const { name, namespace } = serviceOf(i);
    this.#put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(name, namespace),
      spec: {
        clusterIP: ip(20, i),
        clusterIPs: [ip(20, i)],
        selector: { app: name },
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
      },
    });
    const endpoints: object[] = [];
    for (let pod = i; pod < sidecars; pod += services) {
      const { id, ips, labels } = nodeOf(pod, services);
      const podName = id.split('.')[0]!;
      this.#put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata(podName, namespace), labels },
        spec: { nodeName: 'node-1', serviceAccountName: 'default', containers: [] },
        status: { phase: 'Running', podIP: ips[0] },
      });
      endpoints.push({
        addresses: ips,
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        targetRef: { kind: 'Pod', name: podName, namespace },
      });
    }
    this.#put({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata(name, namespace), labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
  }

  #put(object: object): void {
    const written = object as KubeObject;
    const { namespace = '', name } = written.metadata;
    this.#objects.set(`${written.kind}/${namespace}/${name}`, written);
  }
}

function metadata(name: string, namespace: string) {
  return {
    name,
    namespace,
    uid: `${namespace}/${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
}

function serviceOf(i: number): { name: string; namespace: string } {
  return { name: `s${i}`, namespace: `n${Math.floor(i / SERVICES_EACH_NAMESPACE)}` };
}

function nodeOf(pod: number, services: number): ProxyNode {
  const { name, namespace } = serviceOf(pod % services);
  return {
    id: `${name}-${Math.floor(pod / services)}.${namespace}`,
    type: 'sidecar',
    ips: [ip(30, pod)],
    namespace,
    dnsDomain: `${namespace}.svc.cluster.local`,
    labels: { app: name },
    serviceAccount: 'default',
    locality: { region: 'r', zone: 'z', subZone: '' },
    nodeName: 'node-1',
    clusterId: 'Kubernetes',
    metadata: {},
  };
}

function ip(net: number, i: number): string {
  return `10.${net}.${i >> 8}.${i & 255}`;
}
