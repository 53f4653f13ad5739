/**
 * Models how long a node takes to start things: modest numbers of a warm node.
 *
 * Simplified: a uniform draw between two bounds; images are small and near.
 */
import type { RandomStream } from '../../sim/random.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';

/** A duration drawn between two bounds, both included. */
export interface Span {
  readonly minUs: Micros;
  readonly maxUs: Micros;
}

export interface KubeletTiming {
  /** From being scheduled to having a network namespace and an address. */
  readonly sandbox: Span;
  readonly imagePull: Span;
  /** From the image to the running process. */
  readonly containerStart: Span;
  /** From an exit to the next start, where no back-off applies. */
  readonly restartUs: Micros;
  /** First back-off of a container that keeps exiting; doubles up to the second. */
  readonly backOffUs: Micros;
  readonly backOffMaxUs: Micros;
  /** From a change on the node to the status in the API. */
  readonly statusUs: Micros;
}

export const DEFAULT_TIMING: KubeletTiming = {
  sandbox: { minUs: 150 * MS, maxUs: 300 * MS },
  imagePull: { minUs: 200 * MS, maxUs: 500 * MS },
  containerStart: { minUs: 50 * MS, maxUs: 150 * MS },
  restartUs: SECOND,
  backOffUs: 10 * SECOND,
  backOffMaxUs: 300 * SECOND,
  statusUs: MS,
};

/** Everything starts at once; back-off stays, since it is what a crash loop is. */
export const INSTANT_TIMING: KubeletTiming = {
  ...DEFAULT_TIMING,
  sandbox: { minUs: 0, maxUs: 0 },
  imagePull: { minUs: 0, maxUs: 0 },
  containerStart: { minUs: 0, maxUs: 0 },
  restartUs: 0,
  statusUs: 0,
};

export function draw(span: Span, stream: RandomStream): Micros {
  const range = span.maxUs - span.minUs;
  return range <= 0 ? span.minUs : span.minUs + stream.below(range + 1);
}
