/** How long it takes to be back at the end of ten minutes: replaying the whole session. */
import { Session } from '../../mesh/session.ts';
import { wallSeconds, type Figure } from './figure.ts';
import { pairScene } from './pair-scene.ts';

const TEN_MINUTES_US = 600_000_000;

export const rewind: Figure = {
  name: 'rewind',
  unit: 'ms',
  method:
    'a session of ten virtual minutes at 200 requests/s through a sidecar pair, replayed from the ' +
    'start to its end; milliseconds on the clock',
  measure() {
    const model = { kind: 'open', ratePerSecond: 200, arrivals: 'poisson' } as const;
    const seconds = wallSeconds(() => {
      const session = new Session(pairScene(model), 1);
      const travel = session.goTo(session.mesh.simulation.now + TEN_MINUTES_US);
      while (!travel.next().done);
    });
    return seconds * 1000;
  },
};
