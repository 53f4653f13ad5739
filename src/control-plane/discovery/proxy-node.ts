/**
 * Models who asks: what a proxy says of itself in the first request on its stream.
 *
 * Spec: istio pilot/pkg/model/context.go, ParseServiceNodeWithMetadata: the node id is
 * "type~ip~pod.namespace~domain".
 */
import type { Node } from '../../xds/resources/bootstrap.ts';
import type { Struct } from '../../xds/resources/metadata.ts';

export type ProxyType = 'sidecar' | 'router' | 'waypoint';

export interface ProxyNode {
  /** "productpage-v1-abc.default" */
  readonly id: string;
  readonly type: ProxyType;
  readonly ips: readonly string[];
  readonly namespace: string;
  /** "default.svc.cluster.local" */
  readonly dnsDomain: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly locality: {
    readonly region: string;
    readonly zone: string;
    readonly subZone: string;
  };
  /** The Kubernetes node it runs on; "" when unknown. */
  readonly nodeName: string;
  readonly clusterId: string;
  /** Istio's NodeMetadata as sent: LABELS, NAMESPACE, SERVICE_ACCOUNT, CLUSTER_ID, DNS_CAPTURE … */
  readonly metadata: Struct;
}

/** Reads a node; undefined when its id is not of Istio's form (such a stream is closed). */
export function parseProxyNode(node: Node): ProxyNode | undefined {
  const [type = '', ip = '', id = '', dnsDomain = '', ...rest] = (node.id ?? '').split('~');
  if (rest.length > 0 || id === '' || !isProxyType(type)) return undefined;
  const metadata = node.metadata ?? {};
  const instanceIps = text(metadata['INSTANCE_IPS']);
  return {
    id,
    type,
    ips: instanceIps === '' ? [ip] : instanceIps.split(','),
    namespace: text(metadata['NAMESPACE']) || id.slice(id.indexOf('.') + 1),
    dnsDomain,
    labels: (metadata['LABELS'] ?? {}) as Record<string, string>,
    serviceAccount: text(metadata['SERVICE_ACCOUNT']) || 'default',
    locality: {
      region: node.locality?.region ?? '',
      zone: node.locality?.zone ?? '',
      subZone: node.locality?.sub_zone ?? '',
    },
    nodeName: text(metadata['NODE_NAME']),
    clusterId: text(metadata['CLUSTER_ID']) || 'Kubernetes',
    metadata,
  };
}

/** The Node that a proxy with these properties sends: the inverse of `parseProxyNode`. */
export function printProxyNode(proxy: ProxyNode): Node {
  return {
    id: `${proxy.type}~${proxy.ips[0] ?? ''}~${proxy.id}~${proxy.dnsDomain}`,
    cluster: `${proxy.labels['app'] ?? 'istio-proxy'}.${proxy.namespace}`,
    locality: {
      region: proxy.locality.region,
      zone: proxy.locality.zone,
      sub_zone: proxy.locality.subZone,
    },
    metadata: {
      ...proxy.metadata,
      CLUSTER_ID: proxy.clusterId,
      INSTANCE_IPS: proxy.ips.join(','),
      LABELS: { ...proxy.labels },
      NAMESPACE: proxy.namespace,
      NODE_NAME: proxy.nodeName,
      SERVICE_ACCOUNT: proxy.serviceAccount,
    },
  };
}

function isProxyType(type: string): type is ProxyType {
  return type === 'sidecar' || type === 'router' || type === 'waypoint';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
