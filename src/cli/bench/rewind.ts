/** How long it takes to go back to the middle of ten minutes. */
import { Session } from '../../mesh/session.ts';
import { wallSeconds, type Figure } from './figure.ts';
import { pairScene } from './pair-scene.ts';

const TEN_MINUTES_US = 600_000_000;
/** Not where a parked mesh happens to stand. */
const SOME_US = 17_300_000;

export const rewind: Figure = {
  name: 'rewind',
  unit: 'ms',
  method:
    'a session of ten virtual minutes at 200 requests/s through a sidecar pair, its idle work done as ' +
    'the page does it; going back to the middle of it; milliseconds on the clock',
  measure() {
    const model = { kind: 'open', ratePerSecond: 200, arrivals: 'poisson' } as const;
    const session = new Session(pairScene(model), 1);
    const start = session.mesh.simulation.now;
    finish(session.goTo(start + TEN_MINUTES_US));
    while (session.idle());
    return wallSeconds(() => finish(session.goTo(start + TEN_MINUTES_US / 2 + SOME_US))) * 1000;
  },
};

function finish(travel: Generator<number>): void {
  while (!travel.next().done);
}
