/**
 * Models kube-proxy: a connection to a service's address goes to one of its ready endpoints.
 *
 * Spec: Kubernetes' virtual IP reference, iptables mode: a random ready endpoint a connection; no
 * endpoint means REJECT. Simplified: one table for all nodes; no session affinity.
 */

import type { EndpointSlice, Service } from '../kube/objects/service.ts';
import type { SocketAddress } from '../sim/network/address.ts';
import type { RandomStream } from '../sim/random.ts';

export interface ServiceTable {
  serviceAt(ip: string): Service | undefined;
  endpointSlices(namespace: string, service: string): readonly EndpointSlice[];
}

/** Where a connection to `to` really goes; undefined: not a service's address. */
export function translate(
  to: SocketAddress,
  table: ServiceTable,
  random: RandomStream,
): SocketAddress | 'refused' | undefined {
  const service = table.serviceAt(to.ip);
  if (!service) return undefined;
  const port = service.spec.ports?.find((one) => one.port === to.port);
  if (!port) return 'refused';
  const { namespace = 'default', name = '' } = service.metadata;
  const backends: SocketAddress[] = [];
  for (const slice of table.endpointSlices(namespace, name)) {
    const target = slice.ports?.find((one) => (one.name ?? '') === (port.name ?? ''));
    if (target?.port === undefined) continue;
    for (const { addresses, conditions } of slice.endpoints ?? [])
      if (conditions?.ready !== false && addresses[0])
        backends.push({ ip: addresses[0], port: target.port });
  }
  return backends.length === 0 ? 'refused' : backends[random.below(backends.length)];
}
