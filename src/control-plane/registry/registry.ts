/**
 * Models the service registry: services of all sources, oldest first, and their endpoints.
 *
 * Spec: istio pilot/pkg/model/push_context.go, initServiceRegistry, resolveServiceAliases.
 */
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import type { ServiceEntry } from '../../istio/kinds/service-entry.ts';
import type { WorkloadEntry } from '../../istio/kinds/workload-entry.ts';
import { compare } from '../config.ts';
import type { ProxyNode } from '../discovery/proxy-node.ts';
import { sliceEndpoints } from './endpoint-slice.ts';
import type { KubeIndex } from './kube-index.ts';
import { convertKubeService } from './kube-service.ts';
import { serviceKey, type Service, type ServiceEndpoint, type ServiceTarget } from './service.ts';
import { ServiceEntryRegistry } from './service-entry.ts';

export interface RegistrySources {
  readonly kube: KubeIndex;
  readonly serviceEntries: readonly ServiceEntry[];
  readonly workloadEntries: readonly WorkloadEntry[];
  readonly mesh: MeshConfig & { readonly trustDomain: string };
}

export class Registry {
  readonly services: readonly Service[];
  /** host → namespace → service. */
  readonly byHost = new Map<string, Map<string, Service>>();
  /** What each workload serves, as far as somebody asked. */
  readonly targets = new WeakMap<ProxyNode, readonly ServiceTarget[]>();
  readonly #endpoints = new Map<string, readonly ServiceEndpoint[]>();
  readonly #accounts = new Map<string, readonly string[]>();

  constructor({ kube, serviceEntries, workloadEntries, mesh }: RegistrySources) {
    const { trustDomain } = mesh;
    const ofKube = kube.services.map((service) =>
      convertKubeService(
        service,
        trustDomain,
        kube.namespace(service.metadata.namespace ?? '')?.metadata.annotations,
      ),
    );
    const entries = new ServiceEntryRegistry(serviceEntries, workloadEntries, kube, trustDomain);
    this.services = withAliases([...ofKube, ...entries.services].sort(byAge));
    for (const service of this.services) {
      const key = serviceKey(service);
      const own =
        service.registry === 'Kubernetes'
          ? [
              ...sliceEndpoints(
                kube.slicesOf(service.name, service.namespace),
                service,
                kube,
                trustDomain,
              ),
              ...entries.endpointsSelectedBy(service, kube),
            ]
          : entries.endpointsOf(service);
      this.#endpoints.set(key, [...(this.#endpoints.get(key) ?? []), ...own]);
      this.#addByHost(service);
    }
    for (const service of this.services)
      this.#accounts.set(
        serviceKey(service),
        accountsOf(service, this.endpoints(service), mesh.trustDomainAliases ?? []),
      );
  }

  /** All endpoints of a service, of every port. */
  endpoints(service: Service): readonly ServiceEndpoint[] {
    return this.#endpoints.get(serviceKey(service)) ?? [];
  }

  /** Those of one port. Ports of a slice are matched by the name of the service's port. */
  endpointsOfPort(service: Service, port: number): readonly ServiceEndpoint[] {
    const name = service.ports.find((it) => it.port === port)?.name;
    if (name === undefined) return [];
    return this.endpoints(service).filter((it) => it.servicePortName === name);
  }

  /** Identities that its endpoints may present, sorted. */
  serviceAccounts(service: Service): readonly string[] {
    return this.#accounts.get(serviceKey(service)) ?? [];
  }

  #addByHost(service: Service): void {
    let byNamespace = this.byHost.get(service.host);
    if (!byNamespace) this.byHost.set(service.host, (byNamespace = new Map()));
    const existing = byNamespace.get(service.namespace);
    const wins =
      !existing || (existing.registry !== 'Kubernetes' && service.registry === 'Kubernetes');
    if (wins) byNamespace.set(service.namespace, service);
  }
}

function byAge(a: Service, b: Service): number {
  return (
    compare(a.creationTimestamp, b.creationTimestamp) ||
    compare(a.name, b.name) ||
    compare(a.namespace, b.namespace)
  );
}

function accountsOf(
  service: Service,
  endpoints: readonly ServiceEndpoint[],
  trustDomainAliases: readonly string[],
): string[] {
  const accounts = new Set(service.serviceAccounts);
  for (const { serviceAccount } of endpoints) if (serviceAccount) accounts.add(serviceAccount);
  for (const account of [...accounts]) {
    const path = /^spiffe:\/\/[^/]+(\/.*)$/.exec(account)?.[1];
    if (path === undefined) continue;
    for (const domain of trustDomainAliases)
      accounts.add(
        domain.startsWith('spiffe://') ? `${domain}${path}` : `spiffe://${domain}${path}`,
      );
  }
  return [...accounts].sort();
}

/** ExternalName services become aliases of the service they lead to, through each other if need be. */
function withAliases(services: Service[]): Service[] {
  const targets = new Map<string, string>();
  for (const { host, externalName, resolution } of services)
    if (resolution === 'ALIAS' && externalName) targets.set(host, externalName);
  if (targets.size === 0) return services;
  const aliases = new Map<string, { host: string; namespace: string }[]>();
  for (const { host, namespace } of services) {
    const concrete = followAlias(host, targets);
    if (concrete === undefined) continue;
    const list = aliases.get(concrete) ?? [];
    aliases.set(concrete, [...list, { host, namespace }]);
  }
  return services.map((service) => {
    const found = aliases.get(service.host);
    if (!found) return service;
    const sorted = found.sort(
      (a, b) => compare(a.namespace, b.namespace) || compare(a.host, b.host),
    );
    return { ...service, aliases: sorted.map(({ host }) => host) };
  });
}

function followAlias(host: string, targets: ReadonlyMap<string, string>): string | undefined {
  const seen = new Set<string>([host]);
  let next = targets.get(host);
  while (next !== undefined && targets.has(next)) {
    if (seen.has(next)) return undefined;
    seen.add(next);
    next = targets.get(next);
  }
  return next;
}
