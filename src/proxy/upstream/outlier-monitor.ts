/**
 * Models what outlier detection remembers of one host: failures in a row and success rates of this
 * interval and the one before.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 */
import type { Micros } from '../../sim/time.ts';
import type { AttemptResult } from './contract.ts';
import type { Host } from './host.ts';
import type { EjectionKind, OutlierConfig } from './outlier-config.ts';

/** Requests of the running interval and of the last one. */
export class SuccessRate {
  #successes = 0;
  #total = 0;
  #lastSuccesses = 0;
  #lastTotal = 0;

  count(isSuccess: boolean): void {
    this.#total += 1;
    if (isSuccess) this.#successes += 1;
  }

  endInterval(): void {
    this.#lastSuccesses = this.#successes;
    this.#lastTotal = this.#total;
    this.#successes = 0;
    this.#total = 0;
  }

  get isEmpty(): boolean {
    return this.#total === 0 && this.#lastTotal === 0;
  }

  /** Requests in the last interval. */
  get volume(): number {
    return this.#lastTotal;
  }

  /** Percent of the last interval; there must have been requests. */
  get percent(): number {
    return (this.#lastSuccesses * 100) / this.#lastTotal;
  }
}

/** Who decides about ejections. */
export interface OutlierJudge {
  readonly config: OutlierConfig;
  onConsecutiveFailures(monitor: HostMonitor, kind: EjectionKind): void;
  /** There is something to look at when the interval ends. */
  wake(): void;
}

const TCP_CONNECTED: AttemptResult = { kind: 'status', status: 200 };

export class HostMonitor {
  readonly host: Host;
  readonly #judge: OutlierJudge;
  readonly external = new SuccessRate();
  readonly local = new SuccessRate();
  ejectedAt: Micros = 0;
  unejectedAt: Micros | undefined = undefined;
  /** When the ejection ends, should nothing shorten it; 0 while it is not ejected. */
  ejectedUntil: Micros = 0;
  jitterUs: Micros = 0;
  /** How many times the base ejection time the next ejection takes, less one. */
  backoff = 0;
  ejections = 0;
  /** Percent, as /clusters shows it; -1 when there is none. */
  successRate = -1;
  localOriginSuccessRate = -1;
  #consecutive5xx = 0;
  #consecutiveGateway = 0;
  #consecutiveLocal = 0;

  constructor(host: Host, judge: OutlierJudge) {
    this.host = host;
    this.#judge = judge;
  }

  put(result: AttemptResult): void {
    this.#judge.wake();
    if (result.kind === 'status') this.#putStatus(result.status);
    else if (this.#judge.config.splitsLocalOrigin) this.#putLocalFailure();
    else this.#putStatus(result.kind === 'timeout' ? 504 : 503);
  }

  /**
   * A connection was had. With HTTP the answer is still to come, so this matters only where local
   * errors count apart; to TCP it is all there is to know (`isFinal`).
   */
  putConnected(isFinal: boolean): void {
    if (!this.#judge.config.splitsLocalOrigin) {
      if (isFinal) this.put(TCP_CONNECTED);
      return;
    }
    this.#judge.wake();
    this.local.count(true);
    this.#consecutiveLocal = 0;
  }

  resetConsecutive(kind: EjectionKind): void {
    if (kind === 'consecutive_5xx') this.#consecutive5xx = 0;
    else if (kind === 'consecutive_gateway_failure') this.#consecutiveGateway = 0;
    else if (kind === 'consecutive_local_origin_failure') this.#consecutiveLocal = 0;
  }

  resetAll(): void {
    this.#consecutive5xx = 0;
    this.#consecutiveGateway = 0;
    this.#consecutiveLocal = 0;
  }

  #putStatus(status: number): void {
    const { config } = this.#judge;
    if (status < 500 || status > 599) {
      this.external.count(true);
      this.#consecutive5xx = 0;
      this.#consecutiveGateway = 0;
      return;
    }
    this.external.count(false);
    if (status >= 502 && status <= 504) {
      if (++this.#consecutiveGateway === config.consecutiveGatewayFailure)
        this.#judge.onConsecutiveFailures(this, 'consecutive_gateway_failure');
    } else this.#consecutiveGateway = 0;
    if (++this.#consecutive5xx === config.consecutive5xx)
      this.#judge.onConsecutiveFailures(this, 'consecutive_5xx');
  }

  #putLocalFailure(): void {
    this.local.count(false);
    if (++this.#consecutiveLocal === this.#judge.config.consecutiveLocalOriginFailure)
      this.#judge.onConsecutiveFailures(this, 'consecutive_local_origin_failure');
  }
}
