/**
 * Models the hosts of one priority of a cluster as load balancing sees them: all, healthy,
 * degraded, and by locality. A host set is a snapshot; an update makes a new one.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
 */
import { HealthFlag, sameLocality, type Host, type Locality } from './host.ts';

/** Hosts among which a load balancer picks, with what it remembers about them. */
export class HostGroup {
  readonly hosts: readonly Host[];
  /** Tells groups of the same role apart over updates: "0/healthy", "1/healthy/2". */
  readonly key: string;
  /** The picker that a load balancer built for this group; it owns the field. */
  picker: object | undefined = undefined;

  constructor(key: string, hosts: readonly Host[]) {
    this.key = key;
    this.hosts = hosts;
  }
}

/** The hosts of one locality. */
export interface LocalityGroup {
  readonly locality: Locality;
  /** load_balancing_weight of the locality; 0 when unset. */
  readonly weight: number;
  readonly total: number;
  readonly all: readonly Host[];
  readonly healthy: HostGroup;
  readonly degraded: HostGroup;
}

/** What an assignment says of a locality, next to its hosts. */
export interface LocalityWeight {
  readonly locality: Locality;
  readonly weight: number;
}

export interface HostSetOptions {
  /** In percent; 140 unless the assignment says otherwise. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  readonly localityWeights: readonly LocalityWeight[];
  /** The proxy's own locality comes first when it is known. */
  readonly ownLocality: Locality | undefined;
}

export class HostSet {
  readonly priority: number;
  readonly all: HostGroup;
  readonly healthy: HostGroup;
  readonly degraded: HostGroup;
  readonly excluded: number;
  readonly localities: readonly LocalityGroup[];
  /** Is the first locality the proxy's own? */
  readonly hasLocalLocality: boolean;
  readonly options: HostSetOptions;

  constructor(priority: number, hosts: readonly Host[], options: HostSetOptions) {
    this.priority = priority;
    this.options = options;
    this.all = new HostGroup(`${priority}/all`, hosts);
    this.healthy = new HostGroup(`${priority}/healthy`, hosts.filter(isHealthy));
    this.degraded = new HostGroup(`${priority}/degraded`, hosts.filter(isDegraded));
    let excluded = 0;
    for (const host of hosts) if (isExcluded(host)) excluded += 1;
    this.excluded = excluded;
    const { groups, hasLocal } = byLocality(priority, hosts, options);
    this.localities = groups;
    this.hasLocalLocality = hasLocal;
  }
}

function isHealthy(host: Host): boolean {
  return host.flags === 0 || host.health === 'healthy';
}

function isDegraded(host: Host): boolean {
  return host.health === 'degraded';
}

/** A host that has not been checked yet counts neither as healthy nor as unhealthy. */
export function isExcluded(host: Host): boolean {
  return host.has(HealthFlag.excludedViaImmediateHcFail);
}

/** Groups in the order of localities by name, the proxy's own first. */
function byLocality(
  priority: number,
  hosts: readonly Host[],
  options: HostSetOptions,
): { groups: LocalityGroup[]; hasLocal: boolean } {
  const found = new Map<string, Host[]>();
  for (const host of hosts) {
    const key = localityKey(host.locality);
    const list = found.get(key);
    if (list) list.push(host);
    else found.set(key, [host]);
  }
  const own = options.ownLocality;
  const isOwn = (list: readonly Host[]) =>
    own !== undefined && sameLocality(list[0]!.locality, own);
  const lists = [...found.entries()]
    .sort(([one, oneHosts], [other, otherHosts]) => {
      const local = Number(isOwn(otherHosts)) - Number(isOwn(oneHosts));
      return local !== 0 ? local : one < other ? -1 : 1;
    })
    .map(([, list]) => list);
  const groups = lists.map((list, index) => ({
    locality: list[0]!.locality,
    weight:
      options.localityWeights.find(({ locality }) => sameLocality(locality, list[0]!.locality))
        ?.weight ?? 0,
    total: list.length,
    all: list,
    healthy: new HostGroup(`${priority}/healthy/${index}`, list.filter(isHealthy)),
    degraded: new HostGroup(`${priority}/degraded/${index}`, list.filter(isDegraded)),
  }));
  return { groups, hasLocal: lists.length > 0 && isOwn(lists[0]!) };
}

function localityKey({ region, zone, subZone }: Locality): string {
  return `${region}/${zone}/${subZone}`;
}

/** All priorities of a cluster, as load balancers see them. */
export class PrioritySet {
  #sets: HostSet[] = [];
  /** Counts updates; whoever derives something from the sets compares it. */
  version = 0;

  get sets(): readonly HostSet[] {
    return this.#sets;
  }

  /** Puts new snapshots in place; priorities without one keep theirs. */
  update(sets: readonly HostSet[]): void {
    this.#sets = [...sets];
    this.version += 1;
  }
}
