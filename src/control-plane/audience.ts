/**
 * Models which proxies are sent the same: everything that what a proxy sees of others can depend on.
 *
 * Proxies of one audience share clusters, route tables and endpoints by reference, so that a change
 * costs as much for two thousand of them as for one. istiod's own caches have such keys.
 *
 * Spec: istio pilot/pkg/model/typed_xds_cache.go; pilot/pkg/networking/core/route/route_cache.go.
 */
import { SERVED_KINDS } from '../istio/kinds/kinds.ts';
import type { Proxy } from './proxy.ts';
import type { PushContext } from './push/push-context.ts';
import { isIpv4, isIpv6 } from './registry/ip-address.ts';
import { TOPOLOGY_LABELS } from './registry/workload.ts';

/** Metadata that says who a proxy is rather than how it is to be configured. */
const IDENTITY_FIELDS: ReadonlySet<string> = new Set([
  ...['NAME', 'LABELS', 'ANNOTATIONS', 'OWNER', 'WORKLOAD_NAME', 'SERVICE_ACCOUNT'],
  ...['INSTANCE_IPS', 'NODE_NAME', 'APP_CONTAINERS', 'POD_PORTS'],
]);

/** What of a proxy any document looks at. */
interface Distinctions {
  readonly labels: readonly string[];
  readonly metadata: ReadonlySet<string>;
  readonly byNode: boolean;
  /** Headless endpoints: a proxy has no listener on its own address. */
  readonly addresses: ReadonlySet<string>;
}

export function audienceOf({ node, scope, push, labels }: Proxy): string {
  const known = distinctions(push);
  const { region, zone, subZone } = node.locality;
  const address = node.ips[0] ?? '';
  const metadata = Object.keys(node.metadata)
    .filter((field) => !IDENTITY_FIELDS.has(field) || known.metadata.has(field))
    .sort();
  return JSON.stringify([
    node.type,
    scope.key,
    node.dnsDomain,
    node.clusterId,
    [region, zone, subZone],
    node.ips.some(isIpv4),
    node.ips.some(isIpv6),
    known.addresses.has(address) ? address : '',
    known.byNode ? node.nodeName : '',
    known.labels.map((name) => labels[name] ?? null),
    metadata.map((field) => [field, node.metadata[field]]),
  ]);
}

function distinctions(push: PushContext): Distinctions {
  const cache = push.cache<'all', Distinctions>('distinctions');
  let known = cache.get('all');
  if (!known) cache.set('all', (known = collect(push)));
  return known;
}

function collect(push: PushContext): Distinctions {
  const { services } = push.registry;
  const labels = new Set<string>();
  const metadata = new Set<string>();
  for (const { kind } of SERVED_KINDS)
    for (const { spec } of push.configs(kind)) collectNames(spec, labels, metadata);
  collectNames(push.mesh.localityLbSetting, labels, metadata);
  if (services.some(({ trafficDistribution }) => trafficDistribution))
    for (const name of TOPOLOGY_LABELS) labels.add(name);
  const headless = services.filter(({ resolution }) => resolution === 'PASSTHROUGH');
  return {
    labels: [...labels].sort(),
    metadata,
    byNode: services.some(({ nodeLocal }) => nodeLocal),
    addresses: new Set(
      headless.flatMap((it) => push.registry.endpoints(it).map(({ address }) => address)),
    ),
  };
}

/** Selectors are written in few ways in all of Istio's kinds, at whatever depth. */
function collectNames(value: unknown, labels: Set<string>, metadata: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, inner] of Object.entries(value)) {
    if (field === 'sourceLabels' || field === 'matchLabels' || field === 'labels')
      for (const name of namesIn(inner)) labels.add(name);
    else if (field === 'failoverPriority' && Array.isArray(inner))
      for (const name of inner) labels.add(String(name).split('=')[0]!);
    else if (field === 'metadata') for (const name of namesIn(inner)) metadata.add(name);
    else collectNames(inner, labels, metadata);
  }
}

function namesIn(map: unknown): string[] {
  return typeof map === 'object' && map !== null ? Object.keys(map) : [];
}
