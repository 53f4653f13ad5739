/**
 * Models the cluster's DNS as a pod sees it: service names with the search path of its namespace,
 * headless services as one of their pods, ExternalName as its target, and names outside.
 *
 * Spec: Kubernetes DNS-Based Service Discovery 1.1.0. Simplified: answers are immediate and never
 * cached; a headless name gives one ready address in turn instead of a list.
 */

import type { EndpointSlice, Service } from '../kube/objects/service.ts';

const CLUSTER_DOMAIN = 'cluster.local';
const ALIASES_MAX = 8;

/** What DNS looks at. */
export interface DnsZone {
  service(namespace: string, name: string): Service | undefined;
  endpointSlices(namespace: string, service: string): readonly EndpointSlice[];
  /** Addresses of machines outside the cluster, by full name. */
  outside(host: string): readonly string[];
}

export class ClusterDns {
  readonly #zone: DnsZone;
  readonly #turns = new Map<string, number>();

  constructor(zone: DnsZone) {
    this.#zone = zone;
  }

  /** The address of a name, asked from a pod of `namespace`; undefined: no such name. */
  resolve(host: string, namespace: string): string | undefined {
    return this.#resolve(host.toLowerCase().replace(/\.$/, ''), namespace, ALIASES_MAX);
  }

  #resolve(host: string, namespace: string, aliasesLeft: number): string | undefined {
    if (isIpAddress(host)) return host;
    if (host === 'localhost') return '127.0.0.1';
    const outside = this.#zone.outside(host);
    if (outside.length > 0) return this.#inTurn(host, outside);
    const labels = withoutClusterSuffix(host).split('.');
    const pod =
      labels.length === 3 || labels.length === 2 ? this.#podOf(labels, namespace) : undefined;
    if (pod) return pod;
    if (labels.length > 2) return undefined;
    const [name = '', where = namespace] = labels;
    const service = this.#zone.service(where, name);
    if (!service) return undefined;
    const { type, externalName, clusterIP } = service.spec;
    if (type === 'ExternalName' && externalName && aliasesLeft > 0)
      return this.#resolve(externalName, where, aliasesLeft - 1);
    if (clusterIP && clusterIP !== 'None') return clusterIP;
    return this.#inTurn(`${name}.${where}`, this.#readyAddresses(where, name));
  }

  /** POD.SERVICE.NAMESPACE of a headless service (StatefulSet pods). */
  #podOf([hostname, name, where]: string[], namespace: string): string | undefined {
    if (!hostname || !name) return undefined;
    for (const slice of this.#zone.endpointSlices(where ?? namespace, name))
      for (const endpoint of slice.endpoints ?? [])
        if (endpoint.hostname === hostname) return endpoint.addresses[0];
    return undefined;
  }

  #readyAddresses(namespace: string, name: string): string[] {
    return this.#zone
      .endpointSlices(namespace, name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses.slice(0, 1));
  }

  #inTurn(key: string, addresses: readonly string[]): string | undefined {
    if (addresses.length === 0) return undefined;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return addresses[turn % addresses.length];
  }
}

/** "reviews.default.svc.cluster.local" and "reviews.default.svc" → "reviews.default". */
function withoutClusterSuffix(host: string): string {
  const base = host.endsWith(`.${CLUSTER_DOMAIN}`)
    ? host.slice(0, -CLUSTER_DOMAIN.length - 1)
    : host;
  return base.endsWith('.svc') ? base.slice(0, -4) : base;
}

export function isIpAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || text.includes(':');
}
