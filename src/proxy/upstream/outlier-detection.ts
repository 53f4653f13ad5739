/**
 * Models outlier detection: hosts that fail are ejected for a growing time, as long as enough others
 * remain. An ejected host is an unhealthy host; panic may give it traffic all the same.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 * Simplified: settings are not overridden by runtime keys; no event log file.
 */
import type { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, type Micros } from '../../sim/time.ts';
import { eventKind } from '../../sim/trace.ts';
import type { Counter, Gauge, StatsStore } from '../stats.ts';
import { HealthFlag, type Host } from './host.ts';
import type { EjectionKind, OutlierConfig } from './outlier-config.ts';
import { HostMonitor, type OutlierJudge, type SuccessRate } from './outlier-monitor.ts';

export const HOST_EJECTED = eventKind('host.ejected', 'node$', 'cluster$', 'host$', 'untilUs');
export const HOST_UNEJECTED = eventKind('host.unejected', 'node$', 'cluster$', 'host$');

const KINDS: readonly EjectionKind[] = [
  'consecutive_5xx',
  'consecutive_gateway_failure',
  'consecutive_local_origin_failure',
  'success_rate',
  'local_origin_success_rate',
  'failure_percentage',
  'local_origin_failure_percentage',
];

/** An ejection or its end, for whoever shows a countdown. */
export interface EjectionNotice {
  readonly cluster: string;
  readonly host: string;
  readonly kind: EjectionKind | undefined;
  /** When the host comes back; undefined when it has. */
  readonly untilUs: Micros | undefined;
}

export interface OutlierSurroundings {
  readonly simulation: Simulation;
  readonly random: RandomStream;
  readonly stats: StatsStore;
  readonly node: string;
  readonly onEjection: ((notice: EjectionNotice) => void) | undefined;
}

export class OutlierDetector implements OutlierJudge {
  readonly config: OutlierConfig;
  readonly #clusterName: string;
  readonly #surroundings: OutlierSurroundings;
  readonly #healthChanged: () => void;
  readonly #monitors = new Map<Host, HostMonitor>();
  readonly #active: Gauge;
  readonly #total: Counter;
  readonly #overflow: Counter;
  readonly #counters = new Map<string, Counter>();
  readonly #startedAt: Micros;
  #isAwake = false;
  /** -1 while there are too few hosts or requests. */
  successRateAverage = -1;
  successRateThreshold = -1;

  /** `statPrefix`: "cluster.NAME.". */
  constructor(
    config: OutlierConfig,
    cluster: { readonly name: string; readonly statPrefix: string; healthChanged(): void },
    surroundings: OutlierSurroundings,
  ) {
    this.config = config;
    this.#clusterName = cluster.name;
    this.#surroundings = surroundings;
    this.#healthChanged = () => cluster.healthChanged();
    this.#startedAt = surroundings.simulation.now;
    const prefix = `${cluster.statPrefix}outlier_detection.`;
    const { stats } = surroundings;
    this.#active = stats.gauge(`${prefix}ejections_active`);
    this.#total = stats.counter(`${prefix}ejections_enforced_total`);
    this.#overflow = stats.counter(`${prefix}ejections_overflow`);
    for (const kind of KINDS)
      for (const what of ['detected', 'enforced'])
        this.#counters.set(`${what}_${kind}`, stats.counter(`${prefix}ejections_${what}_${kind}`));
  }

  add(host: Host): void {
    const monitor = new HostMonitor(host, this);
    this.#monitors.set(host, monitor);
    host.monitor = monitor;
  }

  remove(host: Host): void {
    if (host.has(HealthFlag.failedOutlierCheck)) this.#active.dec();
    this.#monitors.delete(host);
  }

  /** The cluster goes away. */
  close(): void {
    for (const host of this.#monitors.keys())
      if (host.has(HealthFlag.failedOutlierCheck)) this.#active.dec();
    this.#monitors.clear();
  }

  /** An active health check has passed: the host need not sit out its time. */
  onHealthCheckPassed(host: Host): void {
    const monitor = this.#monitors.get(host);
    if (!monitor || !this.config.activeHealthCheckUnejects) return;
    if (host.has(HealthFlag.failedOutlierCheck) && !host.has(HealthFlag.failedActiveHc))
      this.#uneject(monitor);
  }

  onConsecutiveFailures(monitor: HostMonitor, kind: EjectionKind): void {
    if (!this.#monitors.has(monitor.host)) return;
    if (monitor.host.has(HealthFlag.failedOutlierCheck)) return;
    this.#detected(monitor, kind);
    monitor.resetConsecutive(kind);
  }

  /** Intervals count from the start, but only those are looked at in which something was. */
  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    const { simulation } = this.#surroundings;
    simulation.schedule(
      this.#nextTick(simulation.now) - simulation.now,
      endInterval,
      this,
      undefined,
    );
  }

  endInterval(): void {
    this.#isAwake = false;
    const { now } = this.#surroundings.simulation;
    for (const monitor of this.#monitors.values()) {
      if (monitor.host.has(HealthFlag.failedOutlierCheck)) this.#unejectIfDue(monitor, now);
      monitor.external.endInterval();
      monitor.local.endInterval();
      monitor.successRate = -1;
      monitor.localOriginSuccessRate = -1;
    }
    this.#judgeRates('success_rate', 'failure_percentage', ({ external }) => external);
    this.#judgeRates(
      'local_origin_success_rate',
      'local_origin_failure_percentage',
      ({ local }) => local,
    );
    let isBusy = false;
    for (const monitor of this.#monitors.values()) {
      if (monitor.host.has(HealthFlag.failedOutlierCheck)) isBusy = true;
      else this.#relax(monitor, now);
      isBusy ||= monitor.backoff > 0 || !monitor.external.isEmpty || !monitor.local.isEmpty;
    }
    if (isBusy) this.wake();
  }

  #nextTick(after: Micros): Micros {
    const { intervalUs } = this.config;
    return this.#startedAt + (Math.floor((after - this.#startedAt) / intervalUs) + 1) * intervalUs;
  }

  #unejectIfDue(monitor: HostMonitor, now: Micros): void {
    if (now - monitor.ejectedAt >= this.#ejectionUs(monitor)) this.#uneject(monitor);
  }

  #ejectionUs({ backoff, jitterUs }: HostMonitor): Micros {
    return Math.min(this.config.baseEjectionUs * backoff, this.config.ejectionMaxUs) + jitterUs;
  }

  /** A host that stays well is forgiven one ejection an interval. */
  #relax(monitor: HostMonitor, now: Micros): void {
    if (monitor.unejectedAt === undefined || monitor.backoff === 0) return;
    if (now - monitor.unejectedAt >= this.config.intervalUs) monitor.backoff -= 1;
  }

  #judgeRates(
    byRate: EjectionKind,
    byPercentage: EjectionKind,
    rateOf: (monitor: HostMonitor) => SuccessRate,
  ): void {
    const { config } = this;
    const isExternal = byRate === 'success_rate';
    if (isExternal) this.successRateAverage = this.successRateThreshold = -1;
    const hosts = this.#monitors.size;
    if (hosts < config.successRateHostsMin && hosts < config.failurePercentageHostsMin) return;
    const rated: HostMonitor[] = [];
    const counted: HostMonitor[] = [];
    for (const monitor of this.#monitors.values()) {
      const rate = rateOf(monitor);
      if (monitor.host.has(HealthFlag.failedOutlierCheck) || rate.volume === 0) continue;
      const isRated = rate.volume >= config.successRateRequestsMin;
      const isCounted = rate.volume >= config.failurePercentageRequestsMin;
      if (isRated) rated.push(monitor);
      if (isCounted) counted.push(monitor);
      if (!isRated && !isCounted) continue;
      if (isExternal) monitor.successRate = rate.percent;
      else monitor.localOriginSuccessRate = rate.percent;
    }
    if (rated.length > 0 && rated.length >= config.successRateHostsMin) {
      const rates = rated.map((monitor) => rateOf(monitor).percent);
      const { mean, threshold } = successRateThreshold(rates, config.successRateFactor);
      if (isExternal) {
        this.successRateAverage = mean;
        this.successRateThreshold = threshold;
      }
      for (const monitor of rated)
        if (rateOf(monitor).percent < threshold) this.#detected(monitor, byRate);
    }
    if (counted.length > 0 && counted.length >= config.failurePercentageHostsMin)
      for (const monitor of counted)
        if (100 - rateOf(monitor).percent >= config.failurePercentageThreshold)
          this.#detected(monitor, byPercentage);
  }

  #detected(monitor: HostMonitor, kind: EjectionKind): void {
    this.#counters.get(`detected_${kind}`)!.inc();
    const active = this.#active.value;
    const percent = (100 * (active + 1)) / this.#monitors.size;
    const isAllowed =
      percent <= this.config.ejectionPercentMax || (this.config.alwaysEjectsOne && active === 0);
    if (!isAllowed) {
      this.#overflow.inc();
      return;
    }
    if (this.#isEnforced(kind) && !monitor.host.has(HealthFlag.failedOutlierCheck))
      this.#eject(monitor, kind);
  }

  #isEnforced(kind: EjectionKind): boolean {
    const percent = this.config.enforcing[kind];
    if (percent === 0 || percent >= 100) return percent > 0;
    return this.#surroundings.random.below(100) < percent;
  }

  #eject(monitor: HostMonitor, kind: EjectionKind): void {
    const { simulation, random } = this.#surroundings;
    const { baseEjectionUs, ejectionMaxUs, jitterMaxUs } = this.config;
    this.#active.inc();
    this.#total.inc();
    this.#counters.get(`enforced_${kind}`)!.inc();
    monitor.host.set(HealthFlag.failedOutlierCheck);
    monitor.ejections += 1;
    monitor.ejectedAt = simulation.now;
    monitor.jitterUs = jitterMaxUs > 0 ? random.below(jitterMaxUs / MS + 1) * MS : 0;
    if (monitor.backoff * baseEjectionUs < ejectionMaxUs + baseEjectionUs) monitor.backoff += 1;
    const due = simulation.now + this.#ejectionUs(monitor);
    monitor.ejectedUntil = this.#nextTick(due - 1);
    this.wake();
    this.#record(HOST_EJECTED, monitor);
    this.#tell(monitor, kind);
    this.#healthChanged();
  }

  #uneject(monitor: HostMonitor): void {
    this.#active.dec();
    monitor.host.clear(HealthFlag.failedOutlierCheck);
    monitor.resetAll();
    monitor.unejectedAt = this.#surroundings.simulation.now;
    monitor.host.healthySince = monitor.unejectedAt;
    monitor.ejectedUntil = 0;
    this.#record(HOST_UNEJECTED, monitor);
    this.#tell(monitor, undefined);
    this.#healthChanged();
  }

  #record(kind: typeof HOST_EJECTED, { host, ejectedUntil }: HostMonitor): void {
    const { simulation, node } = this.#surroundings;
    const { trace } = simulation;
    trace.record(
      kind,
      simulation.now,
      trace.intern(node),
      trace.intern(this.#clusterName),
      trace.intern(host.address),
      ejectedUntil,
    );
  }

  #tell({ host, ejectedUntil }: HostMonitor, kind: EjectionKind | undefined): void {
    this.#surroundings.onEjection?.({
      cluster: this.#clusterName,
      host: host.address,
      kind,
      untilUs: kind === undefined ? undefined : ejectedUntil,
    });
  }
}

/** The mean less so many (population) standard deviations: who is below is an outlier. */
export function successRateThreshold(
  rates: readonly number[],
  factor: number,
): { mean: number; threshold: number } {
  let sum = 0;
  for (const rate of rates) sum += rate;
  const mean = sum / rates.length;
  let squares = 0;
  for (const rate of rates) squares += (rate - mean) * (rate - mean);
  return { mean, threshold: mean - factor * Math.sqrt(squares / rates.length) };
}

function endInterval(detector: OutlierDetector): void {
  detector.endInterval();
}
