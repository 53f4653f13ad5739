/**
 * Models which resource types a change can alter for a proxy.
 *
 * Spec: istio pilot/pkg/xds/{cds,eds,lds,rds}.go, the skipped…Configs tables;
 * pilot/pkg/xds/proxy_dependencies.go.
 */
import { XDS_TYPES, type XdsType } from '../xds/type-url.ts';
import type { ConfigChange } from './discovery/config-generator.ts';
import type { ProxyNode } from './discovery/proxy-node.ts';
import type { PushContext } from './push/push-context.ts';

/** kind → the types it cannot alter; kinds that are not here can alter all. */
const UNTOUCHED: Readonly<Record<string, readonly XdsType[]>> = {
  Gateway: ['EDS'],
  VirtualService: ['EDS'],
  Sidecar: ['EDS'],
  PeerAuthentication: ['RDS'],
  AuthorizationPolicy: ['CDS', 'EDS', 'RDS'],
  RequestAuthentication: ['CDS', 'EDS', 'RDS'],
  Telemetry: ['CDS', 'EDS', 'RDS'],
  WasmPlugin: ['CDS', 'EDS', 'RDS'],
  TrafficExtension: ['CDS', 'EDS', 'RDS'],
  ProxyConfig: ['CDS', 'EDS', 'LDS', 'RDS'],
  WorkloadGroup: ['CDS', 'EDS', 'LDS', 'RDS'],
};

/** Kinds that concern only one type of proxy. */
const ONLY_FOR: Readonly<Record<string, ProxyNode['type']>> = {
  Gateway: 'router',
  Sidecar: 'sidecar',
};

export function typesToPush(
  node: ProxyNode,
  changes: readonly ConfigChange[],
  push: PushContext,
): readonly XdsType[] {
  const touched = changes.map((change) => touchedBy(change, node, push));
  return XDS_TYPES.filter((type) => touched.some((isTouched) => isTouched(type)));
}

function touchedBy(
  { kind, namespace, name }: ConfigChange,
  node: ProxyNode,
  push: PushContext,
): (type: XdsType) => boolean {
  const only = ONLY_FOR[kind];
  if (only && node.type !== only) return () => false;
  const untouched = UNTOUCHED[kind];
  if (!untouched) return () => true;
  const kept: readonly XdsType[] = ['SDS', ...untouched];
  const isElsewhere = namespace !== node.namespace && namespace !== push.mesh.rootNamespace;
  if (kind === 'PeerAuthentication' && isElsewhere)
    return (type) => type === 'CDS' || type === 'EDS';
  if (kind !== 'VirtualService' || !seesEverything(node, push))
    return (type) => !kept.includes(type);
  const hasStreams = push.streamRoutes.has(`${namespace}/${name}`);
  return (type) => type === 'RDS' || (type === 'LDS' && hasStreams);
}

/** Otherwise a VirtualService's destinations become visible, which clusters and listeners show. */
function seesEverything(node: ProxyNode, push: PushContext): boolean {
  if (node.type !== 'sidecar') return false;
  const { sidecar, egress, services } = push.sidecarScope(node);
  return !sidecar && services.length === egress[0]?.services.length;
}
