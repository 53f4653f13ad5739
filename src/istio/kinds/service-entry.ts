/**
 * ServiceEntry: a host added to the registry.
 * Spec: https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
import type { IstioObject } from './istio-object.ts';
import type { ServicePort } from './port.ts';
import type { NetworkingWorkloadSelector } from './selector.ts';
import type { WorkloadEntrySpec } from './workload-entry.ts';

export type ServiceEntry = IstioObject<ServiceEntrySpec>;

export interface ServiceEntrySpec {
  readonly hosts: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports?: readonly ServicePort[];
  readonly location?: 'MESH_EXTERNAL' | 'MESH_INTERNAL';
  readonly resolution?: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';
  readonly endpoints?: readonly WorkloadEntrySpec[];
  readonly workloadSelector?: NetworkingWorkloadSelector;
  readonly exportTo?: readonly string[];
  readonly subjectAltNames?: readonly string[];
}
