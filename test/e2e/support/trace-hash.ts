/** Runs a scene and gives its trace hash; bundled and run by whatever engine is under test. */
import { Session } from '../../../src/mesh/session.ts';
import type { Scene } from '../../../src/protocol/scene.ts';

export interface HashAnswer {
  readonly hash: string;
  readonly events: number;
  readonly requests: number;
}

/** `rewinds`: goes to the end, back to the middle and to the end again. */
export function traceHashOf(scene: Scene, virtualUs: number, rewinds: boolean): HashAnswer {
  const session = new Session(scene, scene.seed);
  const start = session.mesh.simulation.now;
  const goTo = (timeUs: number) => {
    const travel = session.goTo(timeUs);
    while (!travel.next().done);
  };
  goTo(start + virtualUs);
  if (rewinds) {
    goTo(start + virtualUs / 2);
    goTo(start + virtualUs);
  }
  const { simulation, traffic } = session.mesh;
  return {
    hash: simulation.trace.hash,
    events: simulation.eventCount,
    requests: traffic.tally.requests,
  };
}

Object.assign(globalThis, { traceHashOf });
