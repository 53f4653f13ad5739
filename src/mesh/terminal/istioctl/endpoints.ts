/** Models `istioctl proxy-config endpoints`: the hosts of each cluster with their health. */
import type { ClusterLoadAssignment } from '../../../xds/resources/cluster-load-assignment.ts';
import { alignColumns } from '../table.ts';

/** What the proxy itself knows of a host beyond what it was told. */
export interface HostHealth {
  /** "healthy" or Envoy's flags, e.g. "/failed_outlier_check". */
  readonly healthFlags: string;
}

export interface EndpointFilter {
  readonly cluster?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly status?: string | undefined;
}

export function endpointsTable(
  assignments: readonly ClusterLoadAssignment[],
  healthOf: (cluster: string, address: string) => HostHealth | undefined,
  filter: EndpointFilter = {},
): string {
  const rows = endpointRows(assignments, healthOf)
    .filter(
      (row) =>
        (filter.cluster === undefined || row.cluster === filter.cluster) &&
        (filter.address === undefined || row.ip === filter.address) &&
        (filter.port === undefined || row.port === filter.port) &&
        (filter.status === undefined || row.status.toLowerCase() === filter.status.toLowerCase()),
    )
    .map((row) => [`${row.ip}:${row.port}`, row.status, row.outlier, row.cluster]);
  return alignColumns([['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], ...rows], 5);
}

interface EndpointRow {
  readonly ip: string;
  readonly port: number;
  readonly status: string;
  readonly outlier: 'OK' | 'FAILED';
  readonly cluster: string;
}

function endpointRows(
  assignments: readonly ClusterLoadAssignment[],
  healthOf: (cluster: string, address: string) => HostHealth | undefined,
): EndpointRow[] {
  const rows: EndpointRow[] = [];
  for (const { cluster_name: cluster, endpoints = [] } of assignments)
    for (const { lb_endpoints: hosts = [] } of endpoints)
      for (const { endpoint, health_status: told } of hosts) {
        const address = endpoint?.address?.socket_address;
        if (!address) continue;
        const [ip, port] = [address.address, address.port_value ?? 0];
        const flags = healthOf(cluster, `${ip}:${port}`)?.healthFlags ?? 'healthy';
        rows.push({
          ip,
          port,
          status: told && told !== 'UNKNOWN' ? told : 'HEALTHY',
          outlier: flags.includes('/failed_outlier_check') ? 'FAILED' : 'OK',
          cluster,
        });
      }
  return rows.sort(
    (one, other) =>
      compare(one.ip, other.ip) || one.port - other.port || compare(one.cluster, other.cluster),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
