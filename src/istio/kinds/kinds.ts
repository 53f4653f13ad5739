/**
 * The table of Istio's kinds: group, served versions (the stored one first) and plural.
 * Spec: https://istio.io/latest/docs/reference/config/
 */
import type { AuthorizationPolicy } from './authorization-policy.ts';
import type { DestinationRule } from './destination-rule.ts';
import type { EnvoyFilter } from './envoy-filter.ts';
import type { Gateway } from './gateway.ts';
import type { PeerAuthentication } from './peer-authentication.ts';
import type { ProxyConfig } from './proxy-config.ts';
import type { RequestAuthentication } from './request-authentication.ts';
import type { ServiceEntry } from './service-entry.ts';
import type { Sidecar } from './sidecar.ts';
import type { Telemetry } from './telemetry.ts';
import type { TrafficExtension } from './traffic-extension.ts';
import type { VirtualService } from './virtual-service.ts';
import type { WasmPlugin } from './wasm-plugin.ts';
import type { WorkloadEntry } from './workload-entry.ts';
import type { WorkloadGroup } from './workload-group.ts';

/** kind → the object's type. */
export interface IstioKinds {
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  Gateway: Gateway;
  ServiceEntry: ServiceEntry;
  WorkloadEntry: WorkloadEntry;
  WorkloadGroup: WorkloadGroup;
  Sidecar: Sidecar;
  EnvoyFilter: EnvoyFilter;
  ProxyConfig: ProxyConfig;
  PeerAuthentication: PeerAuthentication;
  RequestAuthentication: RequestAuthentication;
  AuthorizationPolicy: AuthorizationPolicy;
  Telemetry: Telemetry;
  WasmPlugin: WasmPlugin;
  TrafficExtension: TrafficExtension;
}

export type IstioKind = keyof IstioKinds;
export type AnyIstioObject = IstioKinds[IstioKind];

export interface ServedKind {
  readonly kind: IstioKind;
  readonly group: string;
  readonly versions: readonly string[];
  readonly plural: string;
}

const NETWORKING = 'networking.istio.io';
const SECURITY = 'security.istio.io';
const NETWORKING_VERSIONS = ['v1', 'v1alpha3', 'v1beta1'];
const SECURITY_VERSIONS = ['v1', 'v1beta1'];

export const SERVED_KINDS: readonly ServedKind[] = [
  served('VirtualService', NETWORKING, NETWORKING_VERSIONS, 'virtualservices'),
  served('DestinationRule', NETWORKING, NETWORKING_VERSIONS, 'destinationrules'),
  served('Gateway', NETWORKING, NETWORKING_VERSIONS, 'gateways'),
  served('ServiceEntry', NETWORKING, NETWORKING_VERSIONS, 'serviceentries'),
  served('WorkloadEntry', NETWORKING, NETWORKING_VERSIONS, 'workloadentries'),
  served('WorkloadGroup', NETWORKING, NETWORKING_VERSIONS, 'workloadgroups'),
  served('Sidecar', NETWORKING, NETWORKING_VERSIONS, 'sidecars'),
  served('EnvoyFilter', NETWORKING, ['v1alpha3'], 'envoyfilters'),
  served('ProxyConfig', NETWORKING, ['v1beta1'], 'proxyconfigs'),
  served('PeerAuthentication', SECURITY, SECURITY_VERSIONS, 'peerauthentications'),
  served('RequestAuthentication', SECURITY, SECURITY_VERSIONS, 'requestauthentications'),
  served('AuthorizationPolicy', SECURITY, SECURITY_VERSIONS, 'authorizationpolicies'),
  served('Telemetry', 'telemetry.istio.io', ['v1', 'v1alpha1'], 'telemetries'),
  served('WasmPlugin', 'extensions.istio.io', ['v1alpha1'], 'wasmplugins'),
  served('TrafficExtension', 'extensions.istio.io', ['v1alpha1'], 'trafficextensions'),
];

const BY_GROUP_AND_KIND = new Map(
  SERVED_KINDS.map((entry) => [`${entry.group}/${entry.kind}`, entry]),
);

/** The entry of an apiVersion and kind; undefined when Istio serves no such kind or version. */
export function servedKind(apiVersion: string, kind: string): ServedKind | undefined {
  const [group = '', version = ''] = apiVersion.split('/');
  const entry = BY_GROUP_AND_KIND.get(`${group}/${kind}`);
  return entry?.versions.includes(version) ? entry : undefined;
}

/** Whether the object is of that kind, in any version that Istio serves. */
export function isKind<Kind extends IstioKind>(
  object: { readonly apiVersion: string; readonly kind: string },
  kind: Kind,
): object is IstioKinds[Kind] {
  return object.kind === kind && servedKind(object.apiVersion, kind) !== undefined;
}

function served(
  kind: IstioKind,
  group: string,
  versions: readonly string[],
  plural: string,
): ServedKind {
  return { kind, group, versions, plural };
}
