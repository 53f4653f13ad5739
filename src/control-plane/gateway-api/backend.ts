/**
 * Models where a route's backend reference leads, and who may refer across namespaces.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/conversion.go, buildDestination. Simplified: backends are
 * Services and Hostnames; others count as unknown.
 */
import type { Destination } from '../../istio/kinds/destination.ts';
import type { HttpRouteDestination } from '../../istio/kinds/http-route.ts';
import { headerChanges } from './filters.ts';
import {
  GATEWAY_API_GROUP,
  type BackendReference,
  type Reference,
  type ReferenceGrant,
} from './objects.ts';

export interface Backends {
  readonly namespace: string;
  readonly routeKind: string;
  readonly domainSuffix: string;
  /** Routes of the mesh reach all namespaces, those of gateways where they are let. */
  readonly grants: readonly ReferenceGrant[] | undefined;
}

/** Nothing answers under this name: the proxy says 500. */
const NOWHERE: Destination = { host: '' };

/** Undefined where the reference makes the whole route invalid. */
export function destinationOf(ref: Reference, from: Backends): Destination | undefined {
  const { group = '', kind = 'Service', namespace = from.namespace, name, port } = ref;
  const isForeign = namespace !== from.namespace;
  if (isForeign && from.grants && !isGranted(ref, from, from.grants)) return NOWHERE;
  let host: string;
  if (group === '' && kind === 'Service') {
    if (name.includes('.')) return undefined;
    host = `${name}.${namespace}.svc.${from.domainSuffix}`;
  } else if (group === 'networking.istio.io' && kind === 'Hostname') {
    if (ref.namespace !== undefined) return undefined;
    host = name;
  } else return NOWHERE;
  return port === undefined ? undefined : { host, port: { number: port } };
}

/** Backends of weight 0 are left out; a single one needs no weight. */
export function routeDestinations(
  refs: readonly BackendReference[],
  from: Backends,
): HttpRouteDestination[] | undefined {
  const weighted = refs.filter(({ weight = 1 }) => weight > 0);
  const made: HttpRouteDestination[] = [];
  for (const ref of weighted) {
    const destination = destinationOf(ref, from);
    const headers = headerChanges(ref.filters ?? []);
    if (!destination) return undefined;
    made.push({
      destination,
      ...(weighted.length > 1 && { weight: ref.weight ?? 1 }),
      ...(headers && { headers }),
    });
  }
  return made;
}

function isGranted(ref: Reference, from: Backends, grants: readonly ReferenceGrant[]): boolean {
  const { group = '', kind = 'Service', name } = ref;
  return grants.some(
    ({ metadata, spec }) =>
      metadata.namespace === ref.namespace &&
      spec?.from?.some(
        (it) =>
          it.group === GATEWAY_API_GROUP &&
          it.kind === from.routeKind &&
          it.namespace === from.namespace,
      ) &&
      spec.to?.some(
        (it) => (it.group ?? '') === group && it.kind === kind && (!it.name || it.name === name),
      ),
  );
}
