/**
 * Models what the injector is configured with: Istio's Helm values and mesh config, as installed by
 * default.
 *
 * Spec: istio/manifests/charts/istio-control/istio-discovery/values.yaml of 1.30.3.
 */
import { isMapping } from '../yaml/compose.ts';
import { readDocuments } from '../yaml/documents.ts';
import type { ObjectMeta } from '../objects/metadata.ts';

export interface InjectionConfig {
  readonly revision: string;
  readonly image: string;
  readonly clusterId: string;
  readonly meshId: string;
  readonly trustDomain: string;
  /** `defaultConfig` of the mesh config, as far as it differs from the defaults. */
  readonly proxyConfig: Readonly<Record<string, unknown>>;
  readonly includeIpRanges: string;
  readonly excludeIpRanges: string;
  readonly includeInboundPorts: string;
  readonly statusPort: string;
  /** Native sidecars for all pods; a pod may ask by annotation. */
  readonly nativeSidecars: boolean;
}

export const DEFAULT_INJECTION: InjectionConfig = {
  revision: 'default',
  image: 'docker.io/istio/proxyv2:1.30.3',
  clusterId: 'Kubernetes',
  meshId: 'cluster.local',
  trustDomain: 'cluster.local',
  proxyConfig: {},
  includeIpRanges: '*',
  excludeIpRanges: '',
  includeInboundPorts: '*',
  statusPort: '15020',
  nativeSidecars: false,
};

/** The pod or pod template to be injected, and the workload it belongs to. */
export interface InjectionSubject {
  readonly metadata: Partial<ObjectMeta>;
  readonly namespace: string;
  readonly workload: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
  };
}

/** The mesh's proxy config with the pod's `proxy.istio.io/config` laid over it. */
export function proxyConfigOf(
  config: InjectionConfig,
  metadata: Partial<ObjectMeta>,
): Readonly<Record<string, unknown>> {
  const text = metadata.annotations?.['proxy.istio.io/config'];
  const value = text === undefined ? undefined : readDocuments(text)[0]?.value;
  if (!isMapping(value)) return config.proxyConfig;
  const merged: Record<string, unknown> = { ...config.proxyConfig, ...value };
  return Object.fromEntries(
    Object.keys(merged)
      .sort()
      .map((key) => [key, merged[key]]),
  );
}

/** An annotation's value, or what the mesh is configured with. */
export function annotated(subject: InjectionSubject, key: string, fallback: string): string {
  return subject.metadata.annotations?.[key] ?? fallback;
}
