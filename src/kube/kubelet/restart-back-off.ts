/**
 * Models how long a container that ended waits for its next start: not at all the first time, then
 * 10 s, doubling up to five minutes; ten calm minutes forgive everything.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import type { KubeletTiming } from './timing.ts';

const FORGOTTEN_AFTER_US = 600 * SECOND;

export class RestartBackOff {
  readonly #timing: KubeletTiming;
  #waitUs: Micros = 0;
  #lastExitAt: Micros = -Infinity;

  constructor(timing: KubeletTiming) {
    this.#timing = timing;
  }

  /** An exit at time `now`; `isBackingOff` is false for the first in a while. */
  exited(now: Micros): { readonly waitUs: Micros; readonly isBackingOff: boolean } {
    const { restartUs, backOffUs, backOffMaxUs } = this.#timing;
    const isBackingOff = now - this.#lastExitAt <= FORGOTTEN_AFTER_US;
    const waitUs = isBackingOff ? this.#waitUs : restartUs;
    this.#waitUs = isBackingOff ? Math.min(this.#waitUs * 2, backOffMaxUs) : backOffUs;
    this.#lastExitAt = now;
    return { waitUs, isBackingOff };
  }
}
