/**
 * WorkloadEntry: one workload that is no pod.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
import type { IstioObject } from './istio-object.ts';

export type WorkloadEntry = IstioObject<WorkloadEntrySpec>;

export interface WorkloadEntrySpec {
  readonly address?: string;
  /** service port's name → number. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: string;
  readonly locality?: string;
  readonly weight?: number;
  readonly serviceAccount?: string;
}
