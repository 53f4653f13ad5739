/**
 * Models inbound clusters: the workload itself, a cluster a port.
 *
 * Spec: istio pilot/pkg/networking/core/{cluster,cluster_builder}.go, buildInboundClusters.
 */
import type { ConnectionPool } from '../../istio/kinds/connection-pool.ts';
import type { IngressListener } from '../../istio/kinds/sidecar.ts';
import { parseProtocol } from '../../istio/protocol.ts';
import type { Cluster } from '../../xds/resources/cluster.ts';
import { configPath } from '../config.ts';
import { delimited, inboundClusterName } from '../names.ts';
import { withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { isHttp2 } from '../registry/protocol-selection.ts';
import type { ServiceTarget } from '../registry/service.ts';
import { applyConnectionPool } from './connection-pool.ts';
import { ClusterDraft } from './draft.ts';
import { portPolicy } from './traffic-policy.ts';

/** About 292 years: connections to oneself are never cleaned up. */
const NEVER = '9223372035s';
const BIND_ADDRESS = '127.0.0.6';

export function inboundClusters(proxy: Proxy): Cluster[] {
  if (proxy.scope.hasIngress) return ingressClusters(proxy);
  const byPort = new Map<number, ServiceTarget[]>();
  for (const target of proxy.targets)
    byPort.set(target.targetPort, [...(byPort.get(target.targetPort) ?? []), target]);
  const isLocalhost = proxy.push.mesh.inboundTrafficPolicy?.mode === 'LOCALHOST';
  return [...byPort].map(([port, targets]) =>
    inboundCluster(proxy, port, targets, isLocalhost ? `127.0.0.1:${port}` : ''),
  );
}

function inboundCluster(
  proxy: Proxy,
  port: number,
  targets: readonly ServiceTarget[],
  endpoint: string,
): Cluster {
  const first = targets[0]!;
  const name = inboundClusterName(port);
  const services = servicesOf(targets);
  const rule = proxy.scope.destinationRule(first.service.host, proxy.labels, 'inbound');
  const policy = portPolicy(rule?.spec.trafficPolicy, first.port.port).policy;
  const istio = {
    ...(services.length > 0 && { services }),
    ...(rule?.spec.trafficPolicy && { config: configPath(rule) }),
  };
  const cluster: Cluster = {
    name,
    alt_stat_name: delimited(name),
    common_lb_config: {},
    ...(Object.keys(istio).length > 0 && { metadata: { filter_metadata: { istio } } }),
    ...(endpoint === ''
      ? { type: 'ORIGINAL_DST', lb_policy: 'CLUSTER_PROVIDED', cleanup_interval: NEVER }
      : {
          type: 'STATIC',
          load_assignment: { cluster_name: name, endpoints: [localEndpoint(endpoint)] },
        }),
  };
  const draft = new ClusterDraft(cluster);
  if (isHttp2(first.port.protocol)) draft.useHttp2();
  else if (first.port.protocol === 'UnsupportedProtocol') draft.useDownstreamProtocol();
  const pool = sidecarPool(proxy, port) ?? policy?.connectionPool ?? {};
  applyConnectionPool(draft, pool, proxy.push.mesh, policy?.retryBudget);
  if (!endpoint.startsWith('127.0.0.1:'))
    cluster.upstream_bind_config = {
      source_address: { address: BIND_ADDRESS, port_value: 0 },
    };
  return withOrigin(draft.build(), first.service.origin);
}

/** Services whose port leads here, each once; a Sidecar's own name is none. */
function servicesOf(targets: readonly ServiceTarget[]) {
  const first = targets[0]!;
  if (first.service.meshExternal) return [];
  const seen = new Set<string>();
  return targets
    .filter(({ port }) => port.port === first.port.port)
    .flatMap(({ service: { host, name, namespace } }) => {
      if (seen.has(host)) return [];
      seen.add(host);
      return [{ host, name, namespace }];
    });
}

function localEndpoint(text: string) {
  if (text.startsWith('unix://'))
    return { lb_endpoints: [{ endpoint: { address: { pipe: { path: text.slice(7) } } } }] };
  const at = text.lastIndexOf(':');
  const address = { address: text.slice(0, at), port_value: Number(text.slice(at + 1)) };
  return { lb_endpoints: [{ endpoint: { address: { socket_address: address } } }] };
}

function sidecarPool({ scope }: Proxy, port: number): ConnectionPool | undefined {
  const spec = scope.sidecar?.spec;
  const own = spec?.ingress?.find((it) => it.port.number === port)?.connectionPool;
  return own ?? spec?.inboundConnectionPool;
}

function ingressClusters(proxy: Proxy): Cluster[] {
  const { sidecar } = proxy.scope;
  return (sidecar?.spec.ingress ?? []).flatMap((ingress) => {
    const endpoint = defaultEndpoint(ingress, proxy);
    if (endpoint === undefined) return [];
    const number = ingress.port.number ?? 0;
    return [inboundCluster(proxy, number, [ingressTarget(proxy, ingress, number)], endpoint)];
  });
}

/** The service on that port, or one in the Sidecar's name. */
function ingressTarget(proxy: Proxy, ingress: IngressListener, number: number): ServiceTarget {
  const name = proxy.scope.sidecar?.metadata.name ?? '';
  const { namespace } = proxy.scope;
  const port = {
    name: ingress.port.name ?? '',
    port: number,
    protocol: parseProtocol(ingress.port.protocol),
  };
  const real = proxy.targets.find((it) => it.targetPort === number)?.service;
  const service = real ?? {
    host: `${name}.${namespace}`,
    name,
    namespace,
    registry: 'External' as const,
    creationTimestamp: '',
    ports: [port],
    address: '',
    extraAddresses: [],
    resolution: 'EDS' as const,
    meshExternal: true,
    labels: {},
    selector: undefined,
    exportTo: undefined,
    serviceAccounts: [],
    aliases: [],
    nodeLocal: false,
  };
  return { service, port, targetPort: number };
}

/** "" passes through to the original destination; undefined where the text is no endpoint. */
function defaultEndpoint(ingress: IngressListener, proxy: Proxy): string | undefined {
  const text = ingress.defaultEndpoint ?? '';
  if (text === '' || text.startsWith('unix://')) return text;
  const match = /^(.*):(\d+)$/.exec(text);
  if (!match) return undefined;
  const [, host = '', port = ''] = match;
  return host === '0.0.0.0' || host === '[::]'
    ? `${proxy.node.ips[0] ?? '127.0.0.1'}:${port}`
    : `127.0.0.1:${port}`;
}
