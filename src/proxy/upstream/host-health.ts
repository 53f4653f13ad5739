/**
 * Models what a cluster does about the health of its hosts: outlier detection and active checks, and
 * what follows when a host goes down.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery#on-eventually-consistent-service-discovery
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { HealthCheckConfig } from './health-check-config.ts';
import { HealthChecker, type CheckedCluster } from './health-check.ts';
import type { ProbeTarget } from './health-probe.ts';
import { HealthFlag, type Host } from './host.ts';
import { OutlierDetector, type OutlierSurroundings } from './outlier-detection.ts';

/** What of its cluster the health of hosts acts upon. */
export interface HealthConsequences {
  readonly stats: ClusterStats;
  probeTarget(host: Host, check: HealthCheckConfig): ProbeTarget;
  healthChanged(): void;
  remove(host: Host): void;
}

export class HostHealth implements CheckedCluster {
  readonly stats: ClusterStats;
  readonly #config: ClusterConfig;
  readonly #consequences: HealthConsequences;
  readonly #outliers: OutlierDetector | undefined;
  readonly #checkers: readonly HealthChecker[];

  constructor(
    config: ClusterConfig,
    consequences: HealthConsequences,
    surroundings: OutlierSurroundings & { readonly namespace: NetworkNamespace },
  ) {
    this.#config = config;
    this.#consequences = consequences;
    this.stats = consequences.stats;
    this.#outliers =
      config.outlier &&
      new OutlierDetector(
        config.outlier,
        {
          name: config.name,
          statPrefix: this.stats.prefix,
          healthChanged: () => consequences.healthChanged(),
        },
        surroundings,
      );
    this.#checkers = config.healthChecks.map(
      (check) => new HealthChecker(check, this, surroundings),
    );
  }

  add(host: Host): void {
    this.#outliers?.add(host);
    for (const checker of this.#checkers) checker.add(host);
  }

  remove(host: Host): void {
    this.#outliers?.remove(host);
    for (const checker of this.#checkers) checker.remove(host);
  }

  close(): void {
    for (const checker of this.#checkers) checker.close();
  }

  /** An actively checked host that answers well stays although it has left the assignment. */
  keepsOnRemoval(host: Host): boolean {
    return (
      this.#checkers.length > 0 &&
      !this.#config.ignoresHealthOnRemoval &&
      !host.isHealthCheckDisabled &&
      !host.has(HealthFlag.failedActiveHc)
    );
  }

  /** A response to real traffic said x-envoy-immediate-health-check-fail. */
  failNow(host: Host): void {
    for (const checker of this.#checkers) checker.failNow(host);
  }

  /** What outlier detection found; -1 without. */
  get successRates(): { average: number; threshold: number } {
    return {
      average: this.#outliers?.successRateAverage ?? -1,
      threshold: this.#outliers?.successRateThreshold ?? -1,
    };
  }

  targetOf(host: Host, check: HealthCheckConfig): ProbeTarget {
    return this.#consequences.probeTarget(host, check);
  }

  healthChanged(): void {
    this.#consequences.healthChanged();
  }

  onCheckPassed(host: Host): void {
    this.#outliers?.onHealthCheckPassed(host);
  }

  onLeftAndFailed(host: Host): void {
    this.#consequences.remove(host);
  }

  onWentDown(host: Host): void {
    if (this.#config.closesOnHealthFailure) for (const pool of host.pools) pool.closeAll();
  }
}
