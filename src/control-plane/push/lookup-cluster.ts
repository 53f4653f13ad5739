/**
 * Models how providers in the mesh config name a service: "host" or "namespace/host".
 *
 * Spec: istio pilot/pkg/model/extensions.go, LookupCluster.
 */
import { outboundClusterName } from '../names.ts';
import type { PushContext } from './push-context.ts';

export interface FoundCluster {
  readonly host: string;
  readonly cluster: string;
}

export function lookupCluster(
  push: PushContext,
  service: string,
  port: number,
): FoundCluster | undefined {
  const [namespace, host] = service.includes('/') ? service.split('/') : [undefined, service];
  const byNamespace = push.registry.byHost.get(host ?? '');
  if (!host || !byNamespace) return undefined;
  const found =
    namespace === undefined ? byNamespace.values().next().value : byNamespace.get(namespace);
  return found && { host, cluster: outboundClusterName('', host, port) };
}
