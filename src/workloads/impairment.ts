/** Models a pod that is not well: what a fault does to everything its applications answer. */
import type { Micros } from '../sim/time.ts';

/** Changed while the pod runs; shared by all its containers. */
export interface Impairment {
  /** Waited before each request is looked at. */
  delayUs: Micros;
  /** Requests answered with `errorStatus` instead, in parts per million. */
  errorPerMillion: number;
  errorStatus: number;
}

export function healthy(): Impairment {
  return { delayUs: 0, errorPerMillion: 0, errorStatus: 500 };
}
