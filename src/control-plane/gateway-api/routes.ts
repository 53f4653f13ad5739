/**
 * Models HTTPRoutes and GRPCRoutes as VirtualServices, one a host and parent, merged by age.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/{route_collections,conversion}.go. Simplified: a Service
 * that a waypoint of another controller serves is not told apart.
 */
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { isKind } from '../../istio/kinds/kinds.ts';
import { byAge, compare, namespaceOf } from '../config.ts';
import { hostMatches, hostSubsetOf } from './host-sets.ts';
import type { ParentListener } from './gateways.ts';
import { bySpecificity } from './matches.ts';
import {
  GATEWAY_API_GROUP,
  type ParentReference,
  type ReferenceGrant,
  type RouteObject,
} from './objects.ts';
import { routesOf } from './rules.ts';

export interface RouteWorld {
  readonly objects: readonly KubeObject[];
  readonly listeners: readonly ParentListener[];
  readonly grants: readonly ReferenceGrant[];
  readonly domainSuffix: string;
}

/** Where a route is attached: to a listener, or to a Service of the mesh. */
interface Attachment {
  /** What VirtualServices are merged by, together with the host. */
  readonly key: string;
  readonly gateway: string;
  readonly hosts: readonly string[];
  readonly port?: number;
}

export function virtualServicesOf(
  routes: readonly RouteObject[],
  world: RouteWorld,
): VirtualService[] {
  const byKey = new Map<string, VirtualService[]>();
  for (const route of routes)
    for (const [key, made] of attached(route, world)) {
      const list = byKey.get(key);
      if (list) list.push(made);
      else byKey.set(key, [made]);
    }
  return [...byKey].map(([key, list]) => merged(key, list));
}

function* attached(
  route: RouteObject,
  world: RouteWorld,
): Generator<readonly [key: string, made: VirtualService]> {
  const { metadata, spec } = route;
  const { domainSuffix, grants } = world;
  const namespace = metadata.namespace ?? '';
  for (const parent of spec?.parentRefs ?? []) {
    const isMesh = isMeshParent(parent);
    const backends = { namespace, routeKind: route.kind, domainSuffix };
    const http = routesOf(route, { ...backends, grants: isMesh ? undefined : grants });
    if (http.length === 0) continue;
    const attachments = isMesh
      ? meshAttachments(parent, namespace, world)
      : listenerAttachments(parent, route, world.listeners);
    for (const { key, gateway, hosts, port } of attachments) {
      const routes = port
        ? http.map((it) => ({ ...it, match: (it.match ?? [{}]).map((m) => ({ ...m, port })) }))
        : http;
      for (const host of hosts)
        yield [
          `${key}/${host}`,
          {
            apiVersion: 'networking.istio.io/v1',
            kind: 'VirtualService',
            metadata: {
              name: `${key}/${host}`.replaceAll('/', '~'),
              namespace,
              annotations: {
                'internal.istio.io/parents': `${route.kind}/${metadata.name}.${namespace}`,
                'internal.istio.io/route-semantics': 'gateway',
              },
              ...(metadata.creationTimestamp && {
                creationTimestamp: metadata.creationTimestamp,
              }),
            },
            spec: { hosts: [host], gateways: [gateway], http: routes },
          },
        ];
    }
  }
}

/** The oldest gives its name's age; all rules are then sorted as one list. */
function merged(key: string, list: readonly VirtualService[]): VirtualService {
  const sorted = [...list].sort(byAge);
  const [oldest] = sorted;
  const parents = sorted.map((it) => it.metadata.annotations?.['internal.istio.io/parents'] ?? '');
  const http = sorted.flatMap(({ spec }) => spec.http ?? []).sort(bySpecificity);
  return {
    ...oldest!,
    metadata: {
      ...oldest!.metadata,
      name: key.replaceAll('/', '~'),
      annotations: {
        ...oldest!.metadata.annotations,
        'internal.istio.io/parents': parents.join(','),
      },
    },
    spec: { ...oldest!.spec, http },
  };
}

function isMeshParent({ group = GATEWAY_API_GROUP, kind = 'Gateway' }: ParentReference): boolean {
  return (
    (group === '' && kind === 'Service') ||
    (group === 'networking.istio.io' && kind === 'ServiceEntry')
  );
}

function meshAttachments(
  { kind, namespace: given, name, port }: ParentReference,
  own: string,
  { objects, domainSuffix }: RouteWorld,
): Attachment[] {
  const namespace = given ?? own;
  const isParent = ({ metadata }: KubeObject) =>
    metadata.name === name && metadata.namespace === namespace;
  const key = port ? `${own}/${port}` : own;
  const attachment = { key, gateway: 'mesh', ...(port && { port }) };
  if (kind === 'Service') {
    const isThere = objects.some((it) => it.kind === 'Service' && isParent(it));
    return isThere ? [{ ...attachment, hosts: [`${name}.${namespace}.svc.${domainSuffix}`] }] : [];
  }
  for (const it of objects)
    if (isKind(it, 'ServiceEntry') && isParent(it))
      return [{ ...attachment, hosts: it.spec.hosts ?? [] }];
  return [];
}

function listenerAttachments(
  parent: ParentReference,
  route: RouteObject,
  listeners: readonly ParentListener[],
): Attachment[] {
  const own = route.metadata.namespace ?? '';
  const { group = GATEWAY_API_GROUP, kind = 'Gateway', namespace = own, name } = parent;
  if (group !== GATEWAY_API_GROUP || kind !== 'Gateway') return [];
  const siblings = listeners.filter(({ gateway }) => gateway === `${namespace}/${name}`);
  const routeHosts = route.spec?.hostnames?.length ? route.spec.hostnames : ['*'];
  return siblings
    .filter((it) => isAllowed(it, parent, route.kind, routeHosts, own))
    .map((it) => ({
      key: internalName(it),
      gateway: internalName(it),
      hosts: routeHosts.filter((host) => isIsolated(host, it, siblings)),
    }))
    .sort((a, b) => compare(a.gateway, b.gateway));
}

function internalName({ config }: ParentListener): string {
  return `${namespaceOf(config)}/${config.metadata.name}`;
}

function isAllowed(
  { listener, config }: ParentListener,
  { port, sectionName }: ParentReference,
  kind: string,
  routeHosts: readonly string[],
  own: string,
): boolean {
  if (port && port !== listener.port) return false;
  if (sectionName && sectionName !== listener.name) return false;
  const kinds = listener.allowedRoutes?.kinds;
  const carriesHttp = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS';
  if (!carriesHttp || (kinds?.length && !kinds.some((it) => it.kind === kind))) return false;
  const hosts = config.spec.servers?.[0]?.hosts ?? [];
  return hosts.some((scoped) => {
    const [scope, host = '*'] = scoped.split('/');
    return (scope === '*' || scope === own) && routeHosts.some((it) => hostMatches(host, it));
  });
}

/** Listeners of one port and protocol are isolated: a host belongs to the most exact of them. */
function isIsolated(
  host: string,
  { listener }: ParentListener,
  siblings: readonly ParentListener[],
): boolean {
  const { hostname = '', port, protocol } = listener;
  if (hostname && !hostname.startsWith('*')) return true;
  if (hostname && !hostMatches(host, hostname)) return false;
  return !siblings.some(({ listener: other }) => {
    const banned = other.hostname ?? '';
    if (other.port !== port || other.protocol !== protocol || banned === hostname) return false;
    return hostname.length <= banned.length && hostSubsetOf(host, banned);
  });
}
