/** How long one edit takes to reach every sidecar of a large mesh, and how much memory that takes. */
import { SECOND } from '../../sim/time.ts';
import { cpuSeconds, type Figure } from './figure.ts';
import { PushWorld } from './push-world.ts';

const SERVICES = 1_000;
const SIDECARS = 2_000;
/** Virtual time in which a push to all of them ends, with a wide margin. */
const SETTLE_US = 60 * SECOND;

/** Made once: connecting all sidecars is not what is measured. */
let known: PushWorld | undefined;

function settledWorld(): PushWorld {
  if (!known) {
    known = new PushWorld(SERVICES, SIDECARS);
    known.runFor(SETTLE_US);
  }
  return known;
}

export const push: Figure = {
  name: 'push',
  unit: 'ms',
  method:
    '1,000 services of two pods each, every pod with a connected sidecar: processor time from an ' +
    'edit of one VirtualService to the last of 2,000 acknowledgements, rebuild and generation ' +
    'included',
  measure() {
    const world = settledWorld();
    const before = world.acknowledgements;
    const seconds = cpuSeconds(() => {
      world.edit();
      world.runFor(SETTLE_US);
    });
    if (world.acknowledgements - before < SIDECARS)
      throw new Error('not every sidecar took it over');
    return seconds * 1000;
  },
};

export const pushMemory: Figure = {
  name: 'push-memory',
  unit: 'MB',
  method: 'the most memory that this process has held up to the end of such a push',
  measure() {
    const world = settledWorld();
    world.edit();
    world.runFor(SETTLE_US);
    return process.resourceUsage().maxRSS / 1000;
  },
};
