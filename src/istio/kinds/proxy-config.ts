/**
 * ProxyConfig: how the proxies of some workloads are started.
 * Spec: https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
import type { IstioObject } from './istio-object.ts';
import type { WorkloadSelector } from './selector.ts';

export type ProxyConfig = IstioObject<ProxyConfigSpec>;

export interface ProxyConfigSpec {
  readonly selector?: WorkloadSelector;
  readonly concurrency?: number;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly image?: { readonly imageType?: string };
}
