/**
 * Models istiod's own view of a service, whatever registry it came from, and of its endpoints.
 *
 * Spec: istio pilot/pkg/model/service.go. Simplified: one cluster, one network.
 */
import type { Origin } from '../origin.ts';
import type { Protocol } from '../../istio/protocol.ts';
import type { Locality } from '../../xds/resources/cluster-load-assignment.ts';

/** How endpoints are found: ClientSideLB, DNSLB … in istiod's words. */
export type Resolution =
  'EDS' | 'DNS' | 'DNS_ROUND_ROBIN' | 'PASSTHROUGH' | 'ALIAS' | 'DYNAMIC_DNS';

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface Service {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly registry: 'Kubernetes' | 'External';
  readonly creationTimestamp: string;
  readonly ports: readonly ServicePort[];
  /** The virtual IP or CIDR; "0.0.0.0" when there is none. */
  readonly address: string;
  /** Further addresses (dual stack, or several of a ServiceEntry). */
  readonly extraAddresses: readonly string[];
  readonly autoAllocatedAddress?: string;
  readonly resolution: Resolution;
  readonly meshExternal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>> | undefined;
  /** Undefined: the mesh's default. */
  readonly exportTo: readonly string[] | undefined;
  /** SPIFFE identities or names that its endpoints may present besides their own. */
  readonly serviceAccounts: readonly string[];
  readonly externalName?: string;
  /** Host names of ExternalName services that stand for this one. */
  readonly aliases: readonly string[];
  readonly nodeLocal: boolean;
  readonly trafficDistribution?: 'PreferSameZone' | 'PreferSameNode';
  /** service port → port of the destination, where a pass-through service changes it. */
  readonly passthroughTargetPorts?: ReadonlyMap<number, number>;
  readonly publishNotReadyAddresses?: boolean;
  readonly origin?: Origin;
}

export interface ServiceEndpoint {
  /** One address, or none for an endpoint reached through a gateway; a host name for DNS. */
  readonly address: string;
  readonly port: number;
  readonly servicePortName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** "spiffe://cluster.local/ns/default/sa/reviews"; "" when unknown. */
  readonly serviceAccount: string;
  /** "region-1/zone-1/subzone"; "" when unknown. */
  readonly locality: string;
  readonly tlsMode: 'istio' | 'disabled';
  readonly workloadName: string;
  readonly namespace: string;
  readonly nodeName: string;
  /** UNKNOWN: of what no probe watches, such as ServiceEntries' endpoints. */
  readonly health: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TERMINATING';
  readonly weight: number;
  readonly clusterId: string;
}

/** A port of a service that a workload serves. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
  readonly targetPort: number;
}

export function servicePort(service: Service, port: number): ServicePort | undefined {
  return service.ports.find((it) => it.port === port);
}

/** Services are looked up by host and namespace: two namespaces may declare one host. */
export function serviceKey({ host, namespace }: Pick<Service, 'host' | 'namespace'>): string {
  return `${namespace}/${host}`;
}

/** "region/zone/subzone" → Envoy's locality; undefined for none. */
export function parseLocality(label: string): Locality {
  const [region = '', zone = '', subZone = ''] = label.split('/');
  return {
    ...(region && { region }),
    ...(zone && { zone }),
    ...(subZone && { sub_zone: subZone }),
  };
}
