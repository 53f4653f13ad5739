/**
 * Models the episode's library breaker with its mistakes mended: failures count in a row and one
 * success resets them; the volume threshold looks at a window of time; HALF_OPEN lets as many calls
 * through at a time as it still needs successes; an answer to a call of an earlier state changes
 * nothing; metrics are numbers and count refused calls, too.
 *
 * Spec: https://martinfowler.com/bliki/CircuitBreaker.html. Simplified: of the calls inside the
 * window the newest 10,000 are kept.
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

const HISTORY_MAX = 10_000;
const FAILURES_SHOWN = 5;

export interface MendedBreakerOptions extends LibraryBreakerOptions {
  /** How far back calls count for the volume threshold and the metrics. */
  readonly windowUs: Micros;
}

interface PastCall {
  readonly atUs: Micros;
  readonly succeeded: boolean;
  readonly durationUs: Micros;
}

export class MendedCircuitBreaker implements LibraryBreaker {
  readonly #options: MendedBreakerOptions;
  readonly #onChange: OnLibraryBreakerChange | undefined;
  readonly #history: PastCall[] = [];
  readonly #failures: FailedCall[] = [];
  #state: LibraryBreakerState = 'CLOSED';
  #failuresInARow = 0;
  #successCount = 0;
  #probesUnderWay = 0;
  #refused = 0;
  #nextAttemptUs: Micros | undefined = undefined;
  #generation = 0;

  constructor(options: Partial<MendedBreakerOptions> = {}, onChange?: OnLibraryBreakerChange) {
    this.#options = { ...LIBRARY_BREAKER_DEFAULTS, windowUs: 60 * SECOND, ...options };
    this.#onChange = onChange;
  }

  get state(): LibraryBreakerState {
    return this.#state;
  }

  admit(nowUs: Micros): AdmittedCall | CircuitBreakerOpen {
    if (this.#state === 'OPEN') {
      if (nowUs < this.#nextAttemptUs!) return this.#refuse(this.#nextAttemptUs!);
      this.#enter('HALF_OPEN', nowUs);
    }
    if (this.#state === 'HALF_OPEN') {
      const missing = this.#options.successThreshold - this.#successCount;
      if (this.#probesUnderWay >= missing) return this.#refuse(nowUs);
      this.#probesUnderWay += 1;
    }
    return { kind: 'admitted', startUs: nowUs, generation: this.#generation };
  }

  succeed(call: AdmittedCall, nowUs: Micros): void {
    this.#remember(call, nowUs, true);
    if (call.generation !== this.#generation) return;
    this.#failuresInARow = 0;
    if (this.#state !== 'HALF_OPEN') return;
    this.#probesUnderWay -= 1;
    this.#successCount += 1;
    if (this.#successCount >= this.#options.successThreshold) this.#enter('CLOSED', nowUs);
  }

  fail(call: AdmittedCall, nowUs: Micros, error: string): void {
    this.#remember(call, nowUs, false);
    pushBounded(this.#failures, { atUs: nowUs, error }, FAILURES_SHOWN);
    if (call.generation !== this.#generation) return;
    this.#failuresInARow += 1;
    if (this.#state === 'HALF_OPEN' || this.#isTooMuch(nowUs)) this.#enter('OPEN', nowUs);
  }

  metrics(nowUs: Micros): Readonly<Record<string, unknown>> {
    this.#forgetOld(nowUs);
    const total = this.#history.length;
    const successes = this.#history.filter(({ succeeded }) => succeeded).length;
    const spentUs = this.#history.reduce((sum, { durationUs }) => sum + durationUs, 0);
    const next = this.#nextAttemptUs;
    return {
      state: this.#state,
      success_rate: total === 0 ? null : (100 * successes) / total,
      avg_response_time: total === 0 ? null : spentUs / total / SECOND,
      failure_count: this.#failuresInARow,
      total_requests: total,
      rejected_requests: this.#refused,
      next_attempt_time: next === undefined ? null : next / SECOND,
    };
  }

  #isTooMuch(nowUs: Micros): boolean {
    this.#forgetOld(nowUs);
    const { failureThreshold, requestVolumeThreshold } = this.#options;
    return (
      this.#failuresInARow >= failureThreshold && this.#history.length >= requestVolumeThreshold
    );
  }

  #refuse(nextAttemptUs: Micros): CircuitBreakerOpen {
    this.#refused += 1;
    const message = `Circuit breaker is ${this.#state}. Next attempt at ${nextAttemptUs / SECOND} s`;
    return { kind: 'CircuitBreakerOpenException', message, nextAttemptUs };
  }

  #remember({ startUs }: AdmittedCall, nowUs: Micros, succeeded: boolean): void {
    const past = { atUs: nowUs, succeeded, durationUs: nowUs - startUs };
    pushBounded(this.#history, past, HISTORY_MAX);
  }

  #forgetOld(nowUs: Micros): void {
    const since = nowUs - this.#options.windowUs;
    const firstKept = this.#history.findIndex(({ atUs }) => atUs > since);
    this.#history.splice(0, firstKept < 0 ? this.#history.length : firstKept);
  }

  /** Each state begins its counting anew. */
  #enter(to: LibraryBreakerState, atUs: Micros): void {
    const from = this.#state;
    this.#state = to;
    this.#generation += 1;
    this.#failuresInARow = 0;
    this.#successCount = 0;
    this.#probesUnderWay = 0;
    this.#nextAttemptUs = to === 'OPEN' ? atUs + this.#options.recoveryTimeoutUs : undefined;
    this.#onChange?.({ from, to, atUs, lastFailures: to === 'OPEN' ? [...this.#failures] : [] });
  }
}
