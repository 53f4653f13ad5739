/**
 * Models outbound clusters: one a service port, and one more a subset.
 *
 * Spec: istio pilot/pkg/networking/core/{cluster,cluster_builder}.go, buildOutboundClusters.
 */
import type { DestinationRule, Subset } from '../../istio/kinds/destination-rule.ts';
import type { TrafficPolicy } from '../../istio/kinds/traffic-policy.ts';
import type { Cluster, DiscoveryType } from '../../xds/resources/cluster.ts';
import { localityGroups } from '../endpoint/lb-endpoints.ts';
import { adsConfigSource } from '../filters/config-source.ts';
import { TCP_METADATA_EXCHANGE } from '../filters/network-filters.ts';
import { delimited, outboundClusterName, sniClusterName } from '../names.ts';
import { configPath } from '../config.ts';
import { originIn, originOf, withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { isHttp2 } from '../registry/protocol-selection.ts';
import type { Service, ServicePort } from '../registry/service.ts';
import { applyConnectionPool, percent, upgradesToHttp2 } from './connection-pool.ts';
import { dnsSettings } from './dns.ts';
import { ClusterDraft } from './draft.ts';
import { applyLoadBalancer } from './load-balancer.ts';
import { applyLocality, localitySetting, needsLocalityWeights } from './locality.ts';
import { outlierDetection } from './outlier-detection.ts';
import { applyProxyProtocol, applyTls } from './tls.ts';
import { portPolicy, subsetPolicy } from './traffic-policy.ts';

/** "sni": clusters of a gateway that passes mutual TLS through by SNI. */
export type ClusterMode = 'outbound' | 'sni';

interface Request {
  readonly proxy: Proxy;
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: DestinationRule | undefined;
  readonly mode: ClusterMode;
}

/** The clusters of one service: default and subsets, port by port. */
export function serviceClusters(proxy: Proxy, service: Service, mode: ClusterMode): Cluster[] {
  if (service.resolution === 'ALIAS') return [];
  const rule = proxy.scope.destinationRule(service.host, proxy.labels);
  return service.ports
    .filter(({ protocol }) => protocol !== 'UDP')
    .flatMap((port) => portClusters({ proxy, service, port, rule, mode }));
}

function portClusters(request: Request): Cluster[] {
  const { rule, port } = request;
  const policy = portPolicy(rule?.spec.trafficPolicy, port.port).policy;
  const common = build(request, undefined, policy, discoveryType(request));
  if (!common) return [];
  const subsets = (rule?.spec.subsets ?? []).flatMap((subset) => {
    const merged = subsetPolicy(policy, subset.trafficPolicy, port.port);
    const isPassthrough = subset.trafficPolicy?.loadBalancer?.simple === 'PASSTHROUGH';
    const type = isPassthrough ? 'ORIGINAL_DST' : (common.type ?? 'STATIC');
    return build(request, subset, merged, type) ?? [];
  });
  return [common, ...subsets];
}

function build(
  request: Request,
  subset: Subset | undefined,
  policy: TrafficPolicy | undefined,
  type: DiscoveryType,
): Cluster | undefined {
  const { proxy, service, port, rule, mode } = request;
  const subsetName = subset?.name ?? '';
  const naming = mode === 'sni' ? sniClusterName : outboundClusterName;
  const name = naming(subsetName, service.host, port.port);
  const cluster: Cluster = {
    name,
    alt_stat_name: delimited(name),
    type,
    common_lb_config: {},
    metadata: { filter_metadata: { istio: metadataOf(request, subset, policy) } },
  };
  const draft = new ClusterDraft(cluster);
  const isDns = type === 'STRICT_DNS' || type === 'LOGICAL_DNS';
  const groups = isDns ? dnsGroups(request, subsetName) : [];
  if (isDns) {
    if (groups.length === 0) return undefined;
    Object.assign(cluster, dnsSettings(proxy));
  }
  const override = service.passthroughTargetPorts?.get(port.port);
  if (type === 'ORIGINAL_DST' && override !== undefined)
    cluster.original_dst_lb_config = { upstream_port_override: override };
  if (isHttp2(port.protocol)) draft.useHttp2();
  else if (!proxy.isRouter && port.protocol === 'UnsupportedProtocol')
    draft.useDownstreamProtocol();
  applyPolicy(draft, request, subset, policy);
  const { setting, isForced } = localitySetting(
    proxy.push.mesh.localityLbSetting,
    policy?.loadBalancer?.localityLbSetting,
    service,
  );
  const hasFailover = isForced || cluster.outlier_detection !== undefined;
  if (needsLocalityWeights(setting, hasFailover))
    cluster.common_lb_config!.locality_weighted_lb_config = {};
  if (isDns)
    cluster.load_assignment = {
      cluster_name: name,
      endpoints: applyLocality(groups, setting, hasFailover, proxy),
    };
  if (service.trafficDistribution && cluster.type !== 'ORIGINAL_DST')
    cluster.common_lb_config!.healthy_panic_threshold = {};
  applyLoadBalancer(cluster, policy?.loadBalancer);
  if (mode === 'outbound') applySecurity(draft, request, subset, policy);
  if (cluster.type === 'EDS')
    cluster.eds_cluster_config = { eds_config: adsConfigSource(), service_name: name };
  cluster.filters = [TCP_METADATA_EXCHANGE];
  const origin = subset ? originOf(subset) : rule ? originIn(rule, 'spec') : service.origin;
  return withOrigin(draft.build(), origin);
}

function applyPolicy(
  draft: ClusterDraft,
  { proxy, port }: Request,
  _subset: Subset | undefined,
  policy: TrafficPolicy | undefined,
): void {
  const { mesh } = proxy.push;
  const pool = policy?.connectionPool ?? {};
  if (upgradesToHttp2(pool, port.protocol, mesh)) draft.useHttp2();
  applyConnectionPool(draft, pool, mesh, policy?.retryBudget);
  if (!policy?.outlierDetection) return;
  draft.cluster.outlier_detection = outlierDetection(policy.outlierDetection);
  const { minHealthPercent = 0 } = policy.outlierDetection;
  if (minHealthPercent >= 0)
    draft.cluster.common_lb_config!.healthy_panic_threshold = percent(minHealthPercent);
}

function applySecurity(
  draft: ClusterDraft,
  { proxy, service, port, rule }: Request,
  subset: Subset | undefined,
  policy: TrafficPolicy | undefined,
): void {
  const { push } = proxy;
  const declared = subset ? subset.trafficPolicy : rule?.spec.trafficPolicy;
  applyTls(draft, {
    tls: policy?.tls,
    sni: sniClusterName(subset?.name ?? '', service.host, port.port),
    serviceAccounts: push.registry.serviceAccounts(service),
    service,
    mode: serversMode(proxy, service, port, declared),
    mesh: push.mesh,
    isRouter: proxy.isRouter,
    hasSelector: rule?.spec.workloadSelector !== undefined,
  });
  if (policy?.proxyProtocol) applyProxyProtocol(draft, policy.proxyProtocol.version ?? 'V1');
}

/** What can be told of the servers without asking each: their namespace's policy. */
function serversMode(
  { push }: Proxy,
  service: Service,
  port: ServicePort,
  policy: TrafficPolicy | undefined,
) {
  if (service.meshExternal) return undefined;
  if (service.resolution === 'PASSTHROUGH' || policy?.loadBalancer?.simple === 'PASSTHROUGH') {
    const endpoints = push.registry.endpointsOfPort(service, port.port);
    if (endpoints.length === 0 || endpoints.some(({ tlsMode }) => tlsMode === 'disabled'))
      return 'DISABLE';
  }
  return push.peerAuthentications.namespaceMode(service.namespace);
}

function discoveryType({ proxy, service }: Request): DiscoveryType {
  if (service.resolution === 'DNS') return 'STRICT_DNS';
  if (service.resolution === 'DNS_ROUND_ROBIN') return 'LOGICAL_DNS';
  if (service.resolution !== 'PASSTHROUGH' || proxy.isRouter) return 'EDS';
  return 'ORIGINAL_DST';
}

function dnsGroups({ proxy, service, port, rule }: Request, subset: string) {
  return localityGroups({ proxy, service, port: port.port, subset, rule }, true);
}

function metadataOf(
  { service, rule, mode }: Request,
  subset: Subset | undefined,
  policy: TrafficPolicy | undefined,
): Record<string, unknown> {
  const ownTls = policy?.tls?.mode === 'SIMPLE' || policy?.tls?.mode === 'MUTUAL';
  const { host, name, namespace } = service;
  return {
    services: [{ host, name, namespace }],
    ...(service.meshExternal && mode === 'outbound' && !subset && { external: true }),
    ...(rule && { config: configPath(rule) }),
    ...(subset && { subset: subset.name }),
    ...(rule && ownTls && { alpn_override: 'false' }),
  };
}
