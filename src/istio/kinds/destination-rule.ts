/**
 * DestinationRule: policies for traffic to a host after routing, and its named subsets.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/
 */
import type { IstioObject } from './istio-object.ts';
import type { WorkloadSelector } from './selector.ts';
import type { TrafficPolicy } from './traffic-policy.ts';

export type DestinationRule = IstioObject<DestinationRuleSpec>;

export interface DestinationRuleSpec {
  readonly host: string;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets?: readonly Subset[];
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: WorkloadSelector;
}

export interface Subset {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
}
