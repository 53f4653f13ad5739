/**
 * Models what of a request consistent hashing looks at.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, consistentHashToHashPolicy, HashForHTTPDestination.
 */
import type { Destination } from '../../istio/kinds/destination.ts';
import type { ConsistentHash } from '../../istio/kinds/load-balancer.ts';
import type { TrafficPolicy } from '../../istio/kinds/traffic-policy.ts';
import type { HashPolicy } from '../../xds/resources/route-action.ts';
import { xdsDuration } from '../duration.ts';
import type { Proxy } from '../proxy.ts';

/** For a VirtualService's destination: subset and port settings before the rule's own. */
export function hashOfDestination(
  proxy: Proxy,
  destination: Destination,
): ConsistentHash | undefined {
  const rule = proxy.scope.destinationRule(destination.host, proxy.labels)?.spec;
  if (!rule) return undefined;
  const subset = rule.subsets?.find(({ name }) => name === destination.subset)?.trafficPolicy;
  return (
    portHash(subset, destination.port?.number) ??
    subset?.loadBalancer?.consistentHash ??
    portHash(rule.trafficPolicy, destination.port?.number) ??
    rule.trafficPolicy?.loadBalancer?.consistentHash
  );
}

/** For a service that no VirtualService mentions. */
export function hashOfService(
  proxy: Proxy,
  host: string,
  port: number,
): ConsistentHash | undefined {
  const policy = proxy.scope.destinationRule(host, proxy.labels)?.spec.trafficPolicy;
  return portHash(policy, port) ?? policy?.loadBalancer?.consistentHash;
}

function portHash(
  policy: TrafficPolicy | undefined,
  port: number | undefined,
): ConsistentHash | undefined {
  if (!port) return undefined;
  const setting = policy?.portLevelSettings?.find((it) => it.port?.number === port);
  return setting?.loadBalancer?.consistentHash;
}

export function hashPolicy(hash: ConsistentHash | undefined): HashPolicy | undefined {
  if (!hash) return undefined;
  if (hash.httpHeaderName) return { header: { header_name: hash.httpHeaderName } };
  if (hash.httpCookie) {
    const { name, path, ttl, attributes } = hash.httpCookie;
    return {
      cookie: {
        name,
        ...(path && { path }),
        ...(ttl !== undefined && { ttl: xdsDuration(ttl) }),
        ...(attributes?.length && { attributes: attributes.map((it) => ({ ...it })) }),
      },
    };
  }
  if (hash.useSourceIp !== undefined)
    return { connection_properties: { ...(hash.useSourceIp && { source_ip: true }) } };
  if (hash.httpQueryParameterName)
    return { query_parameter: { name: hash.httpQueryParameterName } };
  return undefined;
}
