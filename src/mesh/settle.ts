/**
 * Models the moments before a scene begins: images are pulled, pods start, sidecars get their first
 * configuration. A run stands at the instant when all of that has come to rest.
 */
import type { ApiServer } from '../kube/api-server.ts';
import { isPodFinished, isPodReady, type Pod } from '../kube/objects/pod.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, SECOND } from '../sim/time.ts';

const STEP_US = 100 * MS;
/** A scene whose pods never become ready begins all the same. */
const SETTLED_AFTER_AT_MOST_US = 60 * SECOND;
/** Debounce and push after the last pod became ready. */
const REST_US = 500 * MS;

/** Runs until every pod is ready, and a little longer. */
export function settle(simulation: Simulation, api: ApiServer, isQuiet: () => boolean): void {
  const deadline = simulation.now + SETTLED_AFTER_AT_MOST_US;
  while (simulation.now < deadline) {
    simulation.runUntil(simulation.now + STEP_US);
    const pods = api.list<Pod>('Pod');
    if (pods.length > 0 && pods.every(isSettled) && isQuiet()) break;
  }
  simulation.runUntil(simulation.now + REST_US);
}

function isSettled(pod: Pod): boolean {
  return isPodFinished(pod) || isPodReady(pod);
}
