/** The figures there are, in the order in which they are measured. */
import type { Figure } from './figure.ts';
import { kernelEvents } from './kernel-events.ts';

export const FIGURES: readonly Figure[] = [kernelEvents];
