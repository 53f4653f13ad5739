/** An istiod with a small world of its own, and proxies that take over what it sends. */
import { CertificateAuthority } from '../../../src/ca/certificate-authority.ts';
import type {
  ConfigChange,
  ConfigGenerator,
} from '../../../src/control-plane/discovery/config-generator.ts';
import { Istiod, type IstiodOptions } from '../../../src/control-plane/discovery/istiod.ts';
import { printProxyNode, type ProxyNode } from '../../../src/control-plane/discovery/proxy-node.ts';
import { Network } from '../../../src/sim/network/network.ts';
import { Simulation } from '../../../src/sim/simulation.ts';
import { EPOCH_MS, MS, SECOND } from '../../../src/sim/time.ts';
import { AdsClient, type ResourceSink } from '../../../src/xds/ads-client.ts';
import { resourceName, type Resource } from '../../../src/xds/resources/resource.ts';
import type { Secret } from '../../../src/xds/resources/secret.ts';
import type { XdsType } from '../../../src/xds/type-url.ts';

/** One cluster and its endpoints a service; one listener; the world is a map the test changes. */
export class World implements ConfigGenerator<ReadonlyMap<string, number>> {
  /** Service → number of its endpoints. */
  services = new Map([
    ['a', 1],
    ['b', 1],
  ]);
  /** Service → connect timeout of its cluster. */
  timeouts = new Map<string, string>();
  rebuilds: ConfigChange[][] = [];
  generated: string[] = [];

  rebuild(changes: readonly ConfigChange[] = []): ReadonlyMap<string, number> {
    this.rebuilds.push([...changes]);
    return new Map(this.services);
  }

  generate(
    type: XdsType,
    proxy: ProxyNode,
    names: readonly string[],
    push: ReadonlyMap<string, number>,
  ): readonly Resource[] {
    this.generated.push(`${proxy.id} ${type}`);
    if (type === 'LDS') return [{ name: 'virtualInbound' }];
    if (type === 'CDS')
      return [...push.keys()].map((name) => ({
        name: clusterName(name),
        connect_timeout: this.timeouts.get(name) ?? '10s',
      }));
    if (type !== 'EDS') return [];
    return names.map((cluster_name) => ({
      cluster_name,
      endpoints: Array.from({ length: push.get(serviceOf(cluster_name)) ?? 0 }, () => ({})),
    }));
  }
}

export const clusterName = (service: string) => `outbound|80||${service}.shop.svc.cluster.local`;
export const serviceOf = (cluster: string) => cluster.slice('outbound|80||'.length).split('.')[0]!;

const shortName = (name: string) => (name.includes('|') ? serviceOf(name) : name);

export class Sink implements ResourceSink {
  readonly applied: string[] = [];
  readonly secrets: Secret[] = [];
  rejects = '';
  wantsEndpoints = true;
  #clusters: string[] = [];

  apply(type: XdsType, resources: readonly Resource[]): string | undefined {
    const names = resources.map(resourceName);
    if (type === this.rejects) return 'no such field';
    if (type === 'CDS') this.#clusters = names;
    if (type === 'SDS') this.secrets.push(...(resources as Secret[]));
    this.applied.push(`${type} ${names.map(shortName).join(',')}`);
    return undefined;
  }

  subscriptions(type: XdsType): readonly string[] | undefined {
    if (type === 'CDS' || type === 'LDS') return undefined;
    if (type === 'EDS') return this.wantsEndpoints ? this.#clusters : [];
    return type === 'SDS' ? ['default', 'ROOTCA'] : [];
  }
}

export function proxyNode(name: string, ip: string): ProxyNode {
  return {
    id: `${name}.shop`,
    type: 'sidecar',
    ips: [ip],
    namespace: 'shop',
    dnsDomain: 'shop.svc.cluster.local',
    labels: { app: name },
    serviceAccount: name,
    locality: { region: 'r', zone: 'z', subZone: '' },
    nodeName: 'node-1',
    clusterId: 'Kubernetes',
    metadata: {},
  };
}

export function setUp(proxies = 1, options: Partial<IstiodOptions> = {}, isDelta = false) {
  const simulation = new Simulation(1);
  const network = new Network(simulation);
  const world = new World();
  const authority = new CertificateAuthority(simulation.random('ca'), {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS,
  });
  const pod = network.attach({ name: 'istiod-1.istio-system', ips: ['10.0.0.2'] });
  const istiod = new Istiod(pod, world, authority, options);
  istiod.start();
  const clients = Array.from({ length: proxies }, (_, i) => {
    const ip = `10.0.1.${i}`;
    const sink = new Sink();
    const namespace = network.attach({ name: `p${i}.shop`, ips: [ip] });
    const client = new AdsClient(namespace, sink, {
      node: printProxyNode(proxyNode(`p${i}`, ip)),
      resolve: () => ({ ip: '10.0.0.2', port: 15012 }),
      isDelta,
    });
    client.start();
    return { client, sink };
  });
  simulation.runUntil(1 * SECOND);
  const pushes: string[] = [];
  simulation.trace.subscribe((kind, time, node, type) => {
    if (kind.name !== 'xds.push') return;
    const text = (number: number) => simulation.trace.text(number);
    pushes.push(`${text(node).split('~')[2]} ${text(type)} @${Math.floor(time / MS)}`);
  });
  const change = (kind: string, name: string) => istiod.configChanged(kind, name, 'shop');
  return { simulation, network, world, authority, istiod, clients, pushes, change };
}
