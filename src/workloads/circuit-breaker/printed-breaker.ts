/**
 * Models the episode's MumbaiStyleCircuitBreaker as it is printed, mistakes kept. MendedBreaker is
 * the same without them.
 *
 * Kept: a success takes one failure off the count and does not reset it, though comments say
 * "consecutive"; the volume threshold looks at the last 100 calls, however old; HALF_OPEN lets any
 * number of calls through; an answer counts in whatever state it arrives; the success rate is a
 * number when empty and a text otherwise; refused calls are not counted.
 *
 * Spec: the podcast episode's listing.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import {
  LIBRARY_BREAKER_DEFAULTS,
  pushBounded,
  type AdmittedCall,
  type CircuitBreakerOpen,
  type FailedCall,
  type LibraryBreaker,
  type LibraryBreakerOptions,
  type LibraryBreakerState,
  type OnLibraryBreakerChange,
} from './library-breaker.ts';

const HISTORY_MAX = 100;
const FAILURES_MAX = 20;
const FAILURES_SHOWN = 5;

interface PastCall {
  readonly succeeded: boolean;
  readonly durationUs: Micros;
}

export class MumbaiStyleCircuitBreaker implements LibraryBreaker {
  readonly #options: LibraryBreakerOptions;
  readonly #onChange: OnLibraryBreakerChange | undefined;
  readonly #history: PastCall[] = [];
  readonly #failures: FailedCall[] = [];
  #state: LibraryBreakerState = 'CLOSED';
  #failureCount = 0;
  #successCount = 0;
  #nextAttemptUs: Micros | undefined = undefined;
  #generation = 0;

  constructor(options: Partial<LibraryBreakerOptions> = {}, onChange?: OnLibraryBreakerChange) {
    this.#options = { ...LIBRARY_BREAKER_DEFAULTS, ...options };
    this.#onChange = onChange;
  }

  get state(): LibraryBreakerState {
    return this.#state;
  }

  get failureCount(): number {
    return this.#failureCount;
  }

  admit(nowUs: Micros): AdmittedCall | CircuitBreakerOpen {
    if (this.#state === 'OPEN') {
      const nextAttemptUs = this.#nextAttemptUs!;
      if (nowUs < nextAttemptUs) {
        const message = `Circuit breaker is OPEN. Next attempt at ${nextAttemptUs / SECOND} s`;
        return { kind: 'CircuitBreakerOpenException', message, nextAttemptUs };
      }
      this.#successCount = 0;
      this.#enter('HALF_OPEN', nowUs);
    }
    return { kind: 'admitted', startUs: nowUs, generation: this.#generation };
  }

  succeed({ startUs }: AdmittedCall, nowUs: Micros): void {
    pushBounded(this.#history, { succeeded: true, durationUs: nowUs - startUs }, HISTORY_MAX);
    if (this.#state === 'HALF_OPEN') {
      this.#successCount += 1;
      if (this.#successCount >= this.#options.successThreshold) this.#close(nowUs);
    } else if (this.#state === 'CLOSED') {
      this.#failureCount = Math.max(0, this.#failureCount - 1);
    }
  }

  fail({ startUs }: AdmittedCall, nowUs: Micros, error: string): void {
    pushBounded(this.#history, { succeeded: false, durationUs: nowUs - startUs }, HISTORY_MAX);
    pushBounded(this.#failures, { atUs: nowUs, error }, FAILURES_MAX);
    this.#failureCount += 1;
    const { failureThreshold, requestVolumeThreshold } = this.#options;
    const isTooMuch =
      this.#failureCount >= failureThreshold && this.#history.length >= requestVolumeThreshold;
    if (isTooMuch || this.#state === 'HALF_OPEN') this.#open(nowUs);
  }

  metrics(): Readonly<Record<string, unknown>> {
    const total = this.#history.length;
    const next = this.#nextAttemptUs;
    const common = {
      state: this.#state,
      failure_count: this.#failureCount,
      total_requests: total,
      next_attempt_time: next === undefined ? null : next / SECOND,
    };
    if (total === 0) return { ...common, success_rate: 0, avg_response_time: 0 };
    const successes = this.#history.filter(({ succeeded }) => succeeded).length;
    const spentUs = this.#history.reduce((sum, { durationUs }) => sum + durationUs, 0);
    return {
      ...common,
      success_rate: `${((100 * successes) / total).toFixed(2)}%`,
      avg_response_time: `${(spentUs / total / SECOND).toFixed(3)}s`,
    };
  }

  #open(nowUs: Micros): void {
    this.#nextAttemptUs = nowUs + this.#options.recoveryTimeoutUs;
    this.#enter('OPEN', nowUs);
  }

  #close(nowUs: Micros): void {
    this.#failureCount = 0;
    this.#successCount = 0;
    this.#nextAttemptUs = undefined;
    this.#enter('CLOSED', nowUs);
  }

  #enter(to: LibraryBreakerState, atUs: Micros): void {
    const from = this.#state;
    this.#state = to;
    this.#generation += 1;
    const lastFailures = to === 'OPEN' ? this.#failures.slice(-FAILURES_SHOWN) : [];
    this.#onChange?.({ from, to, atUs, lastFailures });
  }
}
