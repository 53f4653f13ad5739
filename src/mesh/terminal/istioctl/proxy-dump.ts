/** Models what a proxy holds: the resources it accepted last, as `/config_dump` shows them. */
import type { ClusterLoadAssignment } from '../../../xds/resources/cluster-load-assignment.ts';
import type { Cluster } from '../../../xds/resources/cluster.ts';
import type { Listener } from '../../../xds/resources/listener.ts';
import type { Metadata } from '../../../xds/resources/metadata.ts';
import type { RouteConfiguration } from '../../../xds/resources/route-configuration.ts';
import type { Secret } from '../../../xds/resources/secret.ts';

export interface ProxyDump {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  readonly secrets: readonly Secret[];
}

/** "NAME.NAMESPACE" of the Istio document behind a resource, from istiod's own metadata. */
export function managedBy(metadata: Metadata | undefined): string {
  const istio = metadata?.filter_metadata?.['istio'];
  const config = istio?.['config'];
  if (typeof config !== 'string') return '';
  if (!config.startsWith('/apis/networking.istio.io/')) return '<unknown>';
  const pieces = config.split('/');
  return pieces.length === 8 ? `${pieces[7]}.${pieces[5]}` : '';
}
