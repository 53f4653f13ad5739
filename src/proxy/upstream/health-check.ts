/**
 * Models active health checking of a cluster: each host is asked at intervals, and thresholds decide
 * when it counts as down or up again.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
 * Simplified: a cluster serves before its hosts have been checked for the first time.
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, type Micros } from '../../sim/time.ts';
import type { Counter, Gauge } from '../stats.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { HealthCheckConfig } from './health-check-config.ts';
import { HealthProbe, type ProbeResult, type ProbeTarget } from './health-probe.ts';
import { HealthFlag, type Host } from './host.ts';

/** What the checker needs of its cluster. */
export interface CheckedCluster {
  readonly stats: ClusterStats;
  targetOf(host: Host, check: HealthCheckConfig): ProbeTarget;
  /** The flags of a host have changed. */
  healthChanged(): void;
  onCheckPassed(host: Host): void;
  /** A host that has left the assignment and is now down, too. */
  onLeftAndFailed(host: Host): void;
  onWentDown(host: Host): void;
}

type Change = 'none' | 'pending' | 'changed';

export class HealthChecker {
  readonly config: HealthCheckConfig;
  readonly cluster: CheckedCluster;
  readonly simulation: Simulation;
  readonly namespace: NetworkNamespace;
  readonly #random: RandomStream;
  readonly #sessions = new Map<Host, Session>();
  readonly attempt: Counter;
  readonly success: Counter;
  readonly failure: Counter;
  readonly networkFailure: Counter;
  readonly passiveFailure: Counter;
  readonly healthy: Gauge;
  readonly degraded: Gauge;

  constructor(
    config: HealthCheckConfig,
    cluster: CheckedCluster,
    surroundings: {
      readonly simulation: Simulation;
      readonly namespace: NetworkNamespace;
      readonly random: RandomStream;
    },
  ) {
    this.config = config;
    this.cluster = cluster;
    this.simulation = surroundings.simulation;
    this.namespace = surroundings.namespace;
    this.#random = surroundings.random;
    const { stats } = cluster;
    this.attempt = stats.counter('health_check.attempt');
    this.success = stats.counter('health_check.success');
    this.failure = stats.counter('health_check.failure');
    this.networkFailure = stats.counter('health_check.network_failure');
    this.passiveFailure = stats.counter('health_check.passive_failure');
    this.healthy = stats.gauge('health_check.healthy');
    this.degraded = stats.gauge('health_check.degraded');
  }

  /** A host begins as down until its first check has passed. */
  add(host: Host): void {
    if (host.isHealthCheckDisabled) return;
    host.set(HealthFlag.failedActiveHc | HealthFlag.pendingActiveHc);
    const session = new Session(this, host);
    this.#sessions.set(host, session);
    session.schedule(this.jitter(this.config.initialJitterUs));
  }

  remove(host: Host): void {
    this.#sessions.get(host)?.close();
    this.#sessions.delete(host);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  /** A response to real traffic said x-envoy-immediate-health-check-fail. */
  failNow(host: Host): void {
    this.#sessions.get(host)?.failNow();
  }

  jitter(maxUs: Micros): Micros {
    return maxUs > 0 ? this.#random.below(maxUs / MS) * MS : 0;
  }

  /** Until the next check. */
  intervalUs(isHealthy: boolean, change: Change): Micros {
    const { config } = this;
    const isPending = change === 'pending';
    const baseUs = this.cluster.stats.cxTotal.used
      ? isHealthy
        ? isPending
          ? config.healthyEdgeIntervalUs
          : config.intervalUs
        : isPending
          ? config.unhealthyEdgeIntervalUs
          : config.unhealthyIntervalUs
      : isHealthy && !isPending
        ? config.noTrafficHealthyIntervalUs
        : config.noTrafficIntervalUs;
    const percentUs = (baseUs * config.intervalJitterPercent) / 100;
    const jitterUs = this.jitter(percentUs) + this.jitter(config.intervalJitterUs);
    return Math.max(MS, baseUs + jitterUs);
  }
}

/** The checks of one host. */
class Session {
  readonly #checker: HealthChecker;
  readonly #host: Host;
  readonly #probe: HealthProbe;
  #intervalTimer: TimerHandle = NO_TIMER;
  #timeoutTimer: TimerHandle = NO_TIMER;
  #isFirst = true;
  #successes = 0;
  #failures = 0;

  constructor(checker: HealthChecker, host: Host) {
    this.#checker = checker;
    this.#host = host;
    const { namespace, config, cluster } = checker;
    this.#probe = new HealthProbe(namespace, config, cluster.targetOf(host, config), (result) =>
      this.#onResult(result),
    );
  }

  schedule(delayUs: Micros): void {
    this.#intervalTimer = this.#checker.simulation.schedule(delayUs, begin, this, undefined);
  }

  begin(): void {
    const { simulation, config, attempt } = this.#checker;
    attempt.inc();
    this.#timeoutTimer = simulation.schedule(config.timeoutUs, timeOut, this, undefined);
    this.#probe.start();
  }

  timeOut(): void {
    this.#probe.stop();
    this.#host.set(HealthFlag.activeHcTimeout);
    this.#onFailure(true, true);
  }

  failNow(): void {
    this.#checker.passiveFailure.inc();
    this.#host.set(HealthFlag.excludedViaImmediateHcFail);
    const change = this.#countFailure(false);
    this.#afterChange(change);
  }

  close(): void {
    const { simulation, healthy, degraded } = this.#checker;
    simulation.cancel(this.#intervalTimer);
    simulation.cancel(this.#timeoutTimer);
    this.#probe.stop();
    if (!this.#host.has(HealthFlag.failedActiveHc)) healthy.dec();
    if (this.#host.has(HealthFlag.degradedActiveHc)) degraded.dec();
  }

  #onResult(result: ProbeResult): void {
    this.#checker.simulation.cancel(this.#timeoutTimer);
    if (result.kind === 'success') {
      this.#onSuccess(result.isDegraded);
      return;
    }
    this.#host.clear(HealthFlag.activeHcTimeout);
    if (result.kind === 'bad-answer' && result.isImmediate)
      this.#host.set(HealthFlag.excludedViaImmediateHcFail);
    this.#onFailure(
      result.kind === 'network-failure',
      result.kind !== 'bad-answer' || result.isRetriable,
    );
  }

  #onSuccess(isDegraded: boolean): void {
    const host = this.#host;
    const { success, healthy, degraded, config, cluster, simulation } = this.#checker;
    success.inc();
    this.#failures = 0;
    let change: Change = 'none';
    if (host.has(HealthFlag.failedActiveHc)) {
      this.#successes += 1;
      // The very first answer is enough: nothing is known against the host yet.
      if (this.#isFirst || this.#successes === config.healthyThreshold) {
        host.clear(
          HealthFlag.failedActiveHc |
            HealthFlag.activeHcTimeout |
            HealthFlag.excludedViaImmediateHcFail,
        );
        host.healthySince = simulation.now;
        healthy.inc();
        change = 'changed';
      } else change = 'pending';
    }
    if (isDegraded !== host.has(HealthFlag.degradedActiveHc)) {
      if (isDegraded) {
        host.set(HealthFlag.degradedActiveHc);
        degraded.inc();
      } else {
        host.clear(HealthFlag.degradedActiveHc);
        degraded.dec();
      }
      change = 'changed';
    }
    this.#afterCheck(true, change);
    cluster.onCheckPassed(host);
  }

  #onFailure(isNetwork: boolean, isRetriable: boolean): void {
    this.#checker.failure.inc();
    if (isNetwork) this.#checker.networkFailure.inc();
    this.#afterCheck(false, this.#countFailure(isRetriable));
  }

  #countFailure(isRetriable: boolean): Change {
    const host = this.#host;
    const { config, healthy } = this.#checker;
    this.#successes = 0;
    if (host.has(HealthFlag.failedActiveHc)) return 'none';
    this.#failures += 1;
    if (isRetriable && this.#failures < config.unhealthyThreshold) return 'pending';
    host.set(HealthFlag.failedActiveHc);
    healthy.dec();
    return 'changed';
  }

  #afterCheck(isHealthy: boolean, counted: Change): void {
    this.#isFirst = false;
    const isPending = this.#host.has(HealthFlag.pendingActiveHc);
    this.#host.clear(HealthFlag.pendingActiveHc);
    const change = isPending ? 'changed' : counted;
    this.schedule(this.#checker.intervalUs(isHealthy, change));
    this.#afterChange(change);
  }

  #afterChange(change: Change): void {
    if (change !== 'changed') return;
    const { cluster } = this.#checker;
    const host = this.#host;
    cluster.healthChanged();
    if (!host.has(HealthFlag.failedActiveHc)) return;
    cluster.onWentDown(host);
    if (host.has(HealthFlag.pendingDynamicRemoval)) cluster.onLeftAndFailed(host);
  }
}

function begin(session: Session): void {
  session.begin();
}

function timeOut(session: Session): void {
  session.timeOut();
}
