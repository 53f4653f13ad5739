/**
 * Models the endpoints of a cluster, by locality, as one proxy may see them.
 *
 * Spec: istio pilot/pkg/xds/endpoints/endpoint_builder.go.
 */
import type { DestinationRule } from '../../istio/kinds/destination-rule.ts';
import type { LbEndpoint } from '../../xds/resources/cluster-load-assignment.ts';
import type { LocalityGroup } from '../cluster/locality.ts';
import { compare, selects } from '../config.ts';
import type { Proxy } from '../proxy.ts';
import { isIpAddress } from '../registry/ip-address.ts';
import { parseLocality, type Service, type ServiceEndpoint } from '../registry/service.ts';
import { canonicalService } from '../registry/workload.ts';

export interface EndpointQuery {
  readonly proxy: Proxy;
  readonly service: Service;
  readonly port: number;
  readonly subset: string;
  readonly rule: DestinationRule | undefined;
  /** Leaves out what cannot be reached by mutual TLS. */
  readonly mtlsOnly?: boolean;
}

/** Localities in the order of their names. `dns`: host names are addresses too. */
export function localityGroups(query: EndpointQuery, dns = false): LocalityGroup[] {
  const groups = new Map<string, { endpoints: ServiceEndpoint[]; envoy: LbEndpoint[] }>();
  const mtls = mtlsChecker(query);
  for (const endpoint of visibleEndpoints(query)) {
    if (!dns && !isIpAddress(endpoint.address) && endpoint.port !== 0) continue;
    if (query.mtlsOnly && !mtls(endpoint)) continue;
    const group = groups.get(endpoint.locality) ?? { endpoints: [], envoy: [] };
    group.endpoints.push(endpoint);
    group.envoy.push(lbEndpoint(endpoint, mtls(endpoint)));
    groups.set(endpoint.locality, group);
  }
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(([locality, { endpoints, envoy }]) => ({
      endpoints,
      envoy: {
        locality: parseLocality(locality),
        lb_endpoints: envoy,
        load_balancing_weight: envoy.reduce((sum, it) => sum + it.load_balancing_weight!, 0),
      },
    }));
}

function visibleEndpoints({ proxy, service, port, subset, rule }: EndpointQuery) {
  const labels = rule?.spec.subsets?.find(({ name }) => name === subset)?.labels;
  return proxy.push.registry
    .endpointsOfPort(service, port)
    .filter(
      ({ health }) =>
        health === 'HEALTHY' ||
        health === 'UNKNOWN' ||
        (health === 'UNHEALTHY' && service.trafficDistribution !== undefined),
    )
    .filter((it) => !service.nodeLocal || it.nodeName === proxy.node.nodeName)
    .filter((it) => subset === '' || selects(labels, it.labels));
}

function lbEndpoint(endpoint: ServiceEndpoint, mtls: boolean): LbEndpoint {
  const [name, revision] = canonicalService(endpoint.labels, endpoint.workloadName);
  const workload = [
    endpoint.workloadName,
    endpoint.namespace,
    name,
    revision === 'latest' ? '' : revision,
    endpoint.clusterId,
  ].join(';');
  return {
    endpoint: {
      address:
        endpoint.port === 0
          ? { pipe: { path: endpoint.address } }
          : { socket_address: { address: endpoint.address, port_value: endpoint.port } },
    },
    ...((endpoint.health === 'HEALTHY' || endpoint.health === 'UNHEALTHY') && {
      health_status: endpoint.health,
    }),
    load_balancing_weight: endpoint.weight,
    metadata: {
      filter_metadata: {
        ...(mtls && { 'envoy.transport_socket_match': { tlsMode: 'istio' } }),
        istio: { workload },
      },
    },
  };
}

/** Whether an endpoint is to be spoken to by mutual TLS: it can, its policy and no rule forbids. */
function mtlsChecker({ proxy, port, subset, rule }: EndpointQuery) {
  const own = rule?.spec.subsets?.find(({ name }) => name === subset)?.trafficPolicy;
  const declared = subset === '' ? rule?.spec.trafficPolicy : own;
  const ofPort = declared?.portLevelSettings?.find((it) => it.port?.number === port)?.tls;
  const tls = ofPort ?? declared?.tls;
  const ruled = tls ? tls.mode === 'ISTIO_MUTUAL' : undefined;
  return (endpoint: ServiceEndpoint): boolean => {
    if (ruled !== undefined) return ruled && endpoint.tlsMode === 'istio';
    if (endpoint.tlsMode !== 'istio') return false;
    const { mode, perPort } = proxy.push.peerAuthentications.forWorkload(
      endpoint.namespace,
      endpoint.labels,
    );
    return (perPort.get(endpoint.port) ?? mode) !== 'DISABLE';
  };
}
