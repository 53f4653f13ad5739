/**
 * TrafficExtension: a Wasm or Lua filter in the path of a workload's traffic.
 * Spec: https://istio.io/latest/docs/reference/config/proxy_extensions/
 */
import type { IstioObject } from './istio-object.ts';
import type { PolicyTargetReference, WorkloadSelector } from './selector.ts';
import type { WasmPluginSpec } from './wasm-plugin.ts';

export type TrafficExtension = IstioObject<TrafficExtensionSpec>;

export interface TrafficExtensionSpec {
  readonly selector?: WorkloadSelector;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly phase?: 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS';
  readonly priority?: number;
  readonly match?: WasmPluginSpec['match'];
  readonly wasm?: WasmModule;
  readonly lua?: { readonly inlineCode: string };
}

export type WasmModule = Pick<
  WasmPluginSpec,
  | 'url'
  | 'sha256'
  | 'imagePullPolicy'
  | 'imagePullSecret'
  | 'verificationKey'
  | 'pluginConfig'
  | 'pluginName'
  | 'failStrategy'
  | 'vmConfig'
  | 'type'
>;
