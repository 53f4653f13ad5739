/** Which cluster a destination names. Spec: istio route.go, GetDestinationCluster. */
import type { Destination } from '../../istio/kinds/destination.ts';
import { outboundClusterName } from '../names.ts';
import type { Service } from '../registry/service.ts';

/** The port: as given, else the service's only one, else the listener's. */
export function destinationCluster(
  destination: Destination,
  service: Service | undefined,
  listenPort: number,
): string {
  if (!destination.host) return 'UnknownService';
  const host = service?.externalName || destination.host;
  const only = service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  const port = destination.port ? (destination.port.number ?? 0) : (only ?? listenPort);
  return outboundClusterName(destination.subset ?? '', host, port);
}
