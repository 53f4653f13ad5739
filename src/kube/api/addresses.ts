/**
 * Models the addresses the API server hands out: cluster IPs of 10.96.0.0/16, node ports.
 *
 * An address follows from the service's name, so adding one service moves no other.
 *
 * Spec: https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 * Simplified: Kubernetes draws by chance; IPv4 only.
 */
import { fnv1a, scramble } from '../../sim/hash.ts';
import type { Service, ServiceSpec } from '../objects/service.ts';

const CLUSTER_IPS = 65_000;
/** The first 256 addresses are left for addresses given by hand. */
const CLUSTER_IP_FIRST = 256;
const NODE_PORT_FIRST = 30_000;
const NODE_PORTS = 2_768;

export class ServiceAddresses {
  readonly #clusterIps = new Map<string, string>();
  readonly #nodePorts = new Map<number, string>();

  /** The service with its addresses; `key` is NAMESPACE/NAME. Addresses it has or had are kept. */
  allocate(key: string, service: Service, old: Service | undefined): Service {
    const { spec } = service;
    if (spec.type === 'ExternalName') return service;
    const clusterIP = this.#clusterIp(key, spec, old?.spec);
    const withPorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    const ports = withPorts
      ? spec.ports?.map((port) => {
          const before = old?.spec.ports?.find((other) => other.port === port.port)?.nodePort;
          return { ...port, nodePort: this.#nodePort(key, port.port, port.nodePort ?? before) };
        })
      : spec.ports;
    return {
      ...service,
      spec: { ...spec, clusterIP, clusterIPs: [clusterIP], ...(ports && { ports }) },
    };
  }

  /** The service whose cluster IP is already `ip`, if another than `key`. */
  holderOf(ip: string, key: string): string | undefined {
    const holder = this.#clusterIps.get(ip);
    return holder === key ? undefined : holder;
  }

  release(key: string, service: Service): void {
    const ip = service.spec.clusterIP;
    if (ip && this.#clusterIps.get(ip) === key) this.#clusterIps.delete(ip);
    for (const { nodePort } of service.spec.ports ?? [])
      if (nodePort && this.#nodePorts.get(nodePort) === key) this.#nodePorts.delete(nodePort);
  }

  #clusterIp(key: string, spec: ServiceSpec, old: ServiceSpec | undefined): string {
    const given = spec.clusterIP || old?.clusterIP;
    if (given) {
      if (given !== 'None') this.#clusterIps.set(given, key);
      return given;
    }
    const start = scramble(fnv1a(key));
    for (let step = 0; step < CLUSTER_IPS; step++) {
      const number = CLUSTER_IP_FIRST + ((start + step) % CLUSTER_IPS);
      const ip = `10.96.${number >> 8}.${number & 255}`;
      if (this.#clusterIps.has(ip)) continue;
      this.#clusterIps.set(ip, key);
      return ip;
    }
    throw new RangeError('no cluster IP is left');
  }

  #nodePort(key: string, port: number, given: number | undefined): number {
    if (given) {
      this.#nodePorts.set(given, key);
      return given;
    }
    const start = scramble(fnv1a(`${key}:${port}`));
    for (let step = 0; step < NODE_PORTS; step++) {
      const number = NODE_PORT_FIRST + ((start + step) % NODE_PORTS);
      if (this.#nodePorts.has(number)) continue;
      this.#nodePorts.set(number, key);
      return number;
    }
    throw new RangeError('no node port is left');
  }
}
