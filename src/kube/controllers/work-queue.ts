/**
 * Models a controller's work queue: what changed is looked at once, a moment later.
 *
 * Spec: k8s.io/client-go/util/workqueue. Bound: one entry a key. Simplified: a controller reads the
 * store itself, so it never acts on a stale cache, and one worker does everything in turn.
 */
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';

export class WorkQueue {
  readonly #simulation: Simulation;
  readonly #reconcile: (key: string) => void;
  readonly #delayUs: Micros;
  readonly #waiting = new Set<string>();

  /** `reconcile` is called with a key at most once per `delayUs`. */
  constructor(simulation: Simulation, delayUs: Micros, reconcile: (key: string) => void) {
    this.#simulation = simulation;
    this.#reconcile = reconcile;
    this.#delayUs = delayUs;
  }

  add(key: string): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.add(key);
    this.#simulation.schedule(this.#delayUs, this.#run, key, undefined);
  }

  /** Looks at `key` again after a while, whatever happens before. */
  addAfter(key: string, delayUs: Micros): void {
    this.#simulation.schedule(delayUs, this.#later, key, undefined);
  }

  readonly #later = (key: string, _unused: undefined): void => this.add(key);

  readonly #run = (key: string, _unused: undefined): void => {
    this.#waiting.delete(key);
    this.#reconcile(key);
  };
}

/** "default/web" → default, web. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
