/**
 * Models what the library breakers of this folder have in common: a state machine inside a client
 * that refuses calls while it holds the service to be down.
 *
 * It is neither of Envoy's two mechanisms: those limit connections and requests (circuit breakers)
 * or eject single hosts (outlier detection), and know no states.
 * Spec: https://martinfowler.com/bliki/CircuitBreaker.html. Simplified: a call is three steps
 * (`admit`, then `succeed` or `fail`), since in virtual time nothing waits for an answer.
 */
import { SECOND, type Micros } from '../../sim/time.ts';

export type LibraryBreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

export interface LibraryBreakerOptions {
  readonly failureThreshold: number;
  /** From opening to the first call that may try again. */
  readonly recoveryTimeoutUs: Micros;
  /** Successes in HALF_OPEN that close it. */
  readonly successThreshold: number;
  /** Calls that must have been seen before failures open it. */
  readonly requestVolumeThreshold: number;
}

export const LIBRARY_BREAKER_DEFAULTS: LibraryBreakerOptions = {
  failureThreshold: 5,
  recoveryTimeoutUs: 60 * SECOND,
  successThreshold: 3,
  requestVolumeThreshold: 10,
};

/** A call that is on its way. */
export interface AdmittedCall {
  readonly kind: 'admitted';
  readonly startUs: Micros;
  /** Counts the breaker's states: an answer that belongs to an earlier one can be told. */
  readonly generation: number;
}

/** CircuitBreakerOpenException: nobody was asked, which is not an error of the service. */
export interface CircuitBreakerOpen {
  readonly kind: 'CircuitBreakerOpenException';
  readonly message: string;
  readonly nextAttemptUs: Micros;
}

export interface FailedCall {
  readonly atUs: Micros;
  readonly error: string;
}

/** One change of state, for whoever keeps an incident log. */
export interface LibraryBreakerChange {
  readonly from: LibraryBreakerState;
  readonly to: LibraryBreakerState;
  readonly atUs: Micros;
  /** The last five failures, oldest first; empty but when it opens. */
  readonly lastFailures: readonly FailedCall[];
}

export interface LibraryBreaker {
  readonly state: LibraryBreakerState;
  /** Every AdmittedCall must come back through `succeed` or `fail`, once. */
  admit(nowUs: Micros): AdmittedCall | CircuitBreakerOpen;
  succeed(call: AdmittedCall, nowUs: Micros): void;
  fail(call: AdmittedCall, nowUs: Micros, error: string): void;
  /** What its get_metrics would return, ready for JSON. */
  metrics(nowUs: Micros): Readonly<Record<string, unknown>>;
}

export type OnLibraryBreakerChange = (change: LibraryBreakerChange) => void;

/** A list that forgets its oldest entry: Python's deque(maxlen). */
export function pushBounded<T>(list: T[], entry: T, lengthMax: number): void {
  list.push(entry);
  if (list.length > lengthMax) list.shift();
}
