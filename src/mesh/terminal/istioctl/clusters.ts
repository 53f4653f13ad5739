/** Models `istioctl proxy-config clusters`. Spec: istioctl 1.30, writer/envoy/configdump. */
import type { Cluster } from '../../../xds/resources/cluster.ts';
import { alignColumns } from '../table.ts';
import { managedBy } from './proxy-dump.ts';

export interface ClusterFilter {
  readonly fqdn?: string | undefined;
  readonly port?: number | undefined;
  readonly subset?: string | undefined;
  readonly direction?: string | undefined;
}

interface ClusterName {
  readonly direction: string;
  readonly port: number;
  readonly subset: string;
  readonly fqdn: string;
  readonly isParsed: boolean;
}

/** "outbound|9080|v1|reviews.default.svc.cluster.local" in its parts. */
function parseName(name: string): ClusterName {
  const parts = name.split('|');
  if (parts.length < 4) return { direction: '', port: 0, subset: '', fqdn: name, isParsed: false };
  const [direction = '', port = '', subset = '', fqdn = ''] = parts;
  return { direction, port: Number(port), subset, fqdn, isParsed: true };
}

export function selectClusters(
  clusters: readonly Cluster[],
  filter: ClusterFilter,
): readonly Cluster[] {
  const sorted = clusters.map((cluster) => ({ cluster, name: parseName(cluster.name) }));
  sorted.sort(
    (one, other) =>
      compare(one.name.fqdn, other.name.fqdn) ||
      compare(one.name.subset, other.name.subset) ||
      one.name.port - other.name.port ||
      compare(one.name.direction, other.name.direction),
  );
  return sorted
    .filter(
      ({ name }) =>
        (filter.fqdn === undefined || name.fqdn.includes(filter.fqdn)) &&
        (filter.port === undefined || name.port === filter.port) &&
        (filter.subset === undefined || name.subset === filter.subset) &&
        (filter.direction === undefined || name.direction === filter.direction),
    )
    .map(({ cluster }) => cluster);
}

export function clustersTable(clusters: readonly Cluster[], filter: ClusterFilter = {}): string {
  const rows = selectClusters(clusters, filter).map((cluster) => {
    const name = parseName(cluster.name);
    const type = cluster.type ?? 'STATIC';
    const rule = managedBy(cluster.metadata);
    return name.isParsed
      ? [name.fqdn, String(name.port), name.subset || '-', name.direction, type, rule]
      : [cluster.name, '-', '-', '-', type, rule];
  });
  const header = ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'];
  return alignColumns([header, ...rows], 5);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
