/** The figures there are, in the order in which they are measured. */
import { analyze } from './analyze.ts';
import type { Figure } from './figure.ts';
import { kernelEvents } from './kernel-events.ts';
import { paytmPeak } from './paytm-peak.ts';
import { push, pushMemory } from './push.ts';
import { rewind } from './rewind.ts';
import { sidecarPair } from './sidecar-pair.ts';
import { startup } from './startup.ts';

/** Those of the large mesh come last: it stays in memory. */
export const FIGURES: readonly Figure[] = [
  kernelEvents,
  startup,
  analyze,
  sidecarPair,
  paytmPeak,
  rewind,
  push,
  pushMemory,
];
