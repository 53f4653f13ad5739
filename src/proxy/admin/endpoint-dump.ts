/**
 * Models the endpoints in GET /config_dump?include_eds: the hosts that clusters hold, by locality.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump.proto
 */
import type { Proxy } from '../proxy.ts';
import type { ClusterSnapshot, HostSnapshot } from '../upstream/cluster-snapshot.ts';
import { withoutDefaults } from './admin-page.ts';
import { socketAddress } from './clusters-page.ts';

const ADMIN_TYPE = 'type.googleapis.com/envoy.admin.v3.EndpointsConfigDump';
const ASSIGNMENT_TYPE = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';

export function endpointsSection(
  { clusters }: Proxy,
  isWanted: (name: string) => boolean,
): { readonly '@type': string } {
  const snapshots = clusters.snapshot().filter(({ name, edsName }) => isWanted(edsName || name));
  const dump = (isStatic: boolean): readonly object[] =>
    snapshots.filter((one) => one.isStatic === isStatic).map(assignment);
  return {
    '@type': ADMIN_TYPE,
    ...withoutDefaults({
      static_endpoint_configs: dump(true),
      dynamic_endpoint_configs: dump(false),
    }),
  };
}

function assignment({ name, edsName, hosts }: ClusterSnapshot): object {
  const groups = new Map<string, HostSnapshot[]>();
  for (const host of hosts) {
    const key = [host.priority, host.region, host.zone, host.subZone].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return {
    endpoint_config: {
      '@type': ASSIGNMENT_TYPE,
      cluster_name: edsName || name,
      endpoints: [...groups.values()].map(locality),
      policy: { overprovisioning_factor: 140 },
    },
  };
}

function locality(hosts: readonly HostSnapshot[]): object {
  const { region, zone, subZone, priority } = hosts[0]!;
  return {
    locality: withoutDefaults({ region, zone, sub_zone: subZone }),
    lb_endpoints: hosts.map((host) => ({
      endpoint: withoutDefaults({
        address: { socket_address: socketAddress(host.address) },
        health_check_config: {},
        hostname: host.hostname,
      }),
      health_status: isUsable(host.health) ? 'HEALTHY' : 'UNHEALTHY',
      load_balancing_weight: host.weight,
    })),
    ...withoutDefaults({ priority }),
  };
}

function isUsable(health: string): boolean {
  return !/failed_|eds_status_draining/.test(health);
}
