/**
 * Models an Istio document as istiod's config store holds it: its namespace is known, and lists of
 * them are read oldest first.
 *
 * Spec: istio pilot/pkg/model/config.go, sortConfigByCreationTime.
 */
import type { IstioObject } from '../istio/kinds/istio-object.ts';

export type Config<Spec> = IstioObject<Spec>;

export function namespaceOf(config: {
  readonly metadata: { readonly namespace?: string };
}): string {
  return config.metadata.namespace ?? '';
}

/** By age, then name, then namespace. */
export function byAge(a: IstioObject<unknown>, b: IstioObject<unknown>): number {
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(namespaceOf(a), namespaceOf(b))
  );
}

/** Byte order, as Go compares strings. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether every label that `selector` asks for is there with that value. */
export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

/** "/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews" */
export function configPath(config: IstioObject<unknown>): string {
  const [group = ''] = config.apiVersion.split('/');
  const kind = config.kind.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
  const version = STORED_VERSION[config.kind] ?? 'v1';
  return `/apis/${group}/${version}/namespaces/${namespaceOf(config)}/${kind}/${config.metadata.name}`;
}

/** The version istiod reads; of the kinds that are not read as v1. */
const STORED_VERSION: Readonly<Record<string, string>> = {
  EnvoyFilter: 'v1alpha3',
  ProxyConfig: 'v1beta1',
  WasmPlugin: 'v1alpha1',
  TrafficExtension: 'v1alpha1',
};
