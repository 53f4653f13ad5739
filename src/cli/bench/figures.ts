/** The figures there are, in the order in which they are measured. */
import type { Figure } from './figure.ts';
import { kernelEvents } from './kernel-events.ts';
import { rewind } from './rewind.ts';
import { sidecarPair } from './sidecar-pair.ts';
import { startup } from './startup.ts';

export const FIGURES: readonly Figure[] = [kernelEvents, startup, sidecarPair, rewind];
