/**
 * Models the watch: every change of a kind reaches its watchers, in order, a moment later.
 *
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 * Simplified: a watch never breaks; there are no bookmarks and no compaction.
 */
import type { KubeObject } from '../objects/metadata.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** The object before the change; absent for ADDED. */
  readonly old?: T;
}

export type WatchHandler<T extends KubeObject = KubeObject> = (event: WatchEvent<T>) => void;

interface Watcher {
  readonly handler: WatchHandler;
  readonly latencyUs: Micros;
  stopped: boolean;
}

/** All watches of one API server. */
export class WatchHub {
  readonly #simulation: Simulation;
  readonly #byKind = new Map<string, Watcher[]>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** `existing` objects come first, as ADDED. The returned function ends the watch. */
  watch(
    kindId: string,
    handler: WatchHandler,
    latencyUs: Micros,
    existing: Iterable<KubeObject>,
  ): () => void {
    const watcher: Watcher = { handler, latencyUs, stopped: false };
    const watchers = this.#byKind.get(kindId);
    if (watchers) watchers.push(watcher);
    else this.#byKind.set(kindId, [watcher]);
    for (const object of existing) this.#send(watcher, { type: 'ADDED', object });
    return () => {
      watcher.stopped = true;
      const all = this.#byKind.get(kindId)!;
      all.splice(all.indexOf(watcher), 1);
    };
  }

  publish(kindId: string, event: WatchEvent): void {
    for (const watcher of this.#byKind.get(kindId) ?? []) this.#send(watcher, event);
  }

  /** Same latency for all events of a watcher, so the order of the queue is the order of changes. */
  #send(watcher: Watcher, event: WatchEvent): void {
    this.#simulation.schedule(watcher.latencyUs, deliver, watcher, event);
  }
}

function deliver(watcher: Watcher, event: WatchEvent): void {
  if (!watcher.stopped) watcher.handler(event);
}
