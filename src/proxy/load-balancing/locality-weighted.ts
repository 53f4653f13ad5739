/**
 * Models locality weighted load balancing: localities of a priority share its traffic by their
 * configured weight, less what they lost in health.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight
 */
import type { HostGroup, HostSet, LocalityGroup } from '../upstream/host-set.ts';
import { EdfScheduler } from './edf-scheduler.ts';

interface Weighted {
  readonly group: HostGroup;
  readonly weight: number;
}

export class LocalityWeighted {
  readonly #healthy: EdfScheduler<Weighted>;
  readonly #degraded: EdfScheduler<Weighted>;

  constructor(set: HostSet) {
    this.#healthy = scheduler(set, ({ healthy }) => healthy);
    this.#degraded = scheduler(set, ({ degraded }) => degraded);
  }

  /** The next locality's hosts; undefined when no locality has a weight and hosts. */
  choose(isDegraded: boolean): HostGroup | undefined {
    return (isDegraded ? this.#degraded : this.#healthy).pick()?.group;
  }
}

function scheduler(
  set: HostSet,
  groupOf: (locality: LocalityGroup) => HostGroup,
): EdfScheduler<Weighted> {
  const entries = set.localities.map((locality) => ({
    group: groupOf(locality),
    weight: effectiveWeight(
      locality.weight,
      groupOf(locality).hosts.length,
      locality.total,
      set.options.overprovisioningFactor,
    ),
  }));
  return new EdfScheduler(
    entries.filter(({ weight }) => weight > 0),
    ({ weight }) => weight,
  );
}

/** Overprovisioning (in percent) lets a locality lose some hosts before it loses traffic. */
export function effectiveWeight(
  weight: number,
  available: number,
  total: number,
  overprovisioningFactor: number,
): number {
  if (total === 0 || available === 0) return 0;
  return weight * Math.min(1, ((available / total) * overprovisioningFactor) / 100);
}
