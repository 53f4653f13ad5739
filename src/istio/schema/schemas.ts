/**
 * The structural schema of each kind's spec, the same for all its versions.
 * Spec: https://istio.io/latest/docs/reference/config/
 */
import type { IstioKind } from '../kinds/kinds.ts';
import { authorizationPolicy } from './authorization-policy.ts';
import { destinationRule } from './destination-rule.ts';
import { envoyFilter } from './envoy-filter.ts';
import { gateway } from './gateway.ts';
import { peerAuthentication } from './peer-authentication.ts';
import { proxyConfig } from './proxy-config.ts';
import { requestAuthentication } from './request-authentication.ts';
import type { SchemaNode } from './schema-node.ts';
import { serviceEntry } from './service-entry.ts';
import { sidecar } from './sidecar.ts';
import { telemetry } from './telemetry.ts';
import { trafficExtension } from './traffic-extension.ts';
import { virtualService } from './virtual-service.ts';
import { wasmPlugin } from './wasm-plugin.ts';
import { workloadEntry } from './workload-entry.ts';
import { workloadGroup } from './workload-group.ts';

export const SPEC_SCHEMAS: Readonly<Record<IstioKind, SchemaNode>> = {
  VirtualService: virtualService,
  DestinationRule: destinationRule,
  Gateway: gateway,
  ServiceEntry: serviceEntry,
  WorkloadEntry: workloadEntry,
  WorkloadGroup: workloadGroup,
  Sidecar: sidecar,
  EnvoyFilter: envoyFilter,
  ProxyConfig: proxyConfig,
  PeerAuthentication: peerAuthentication,
  RequestAuthentication: requestAuthentication,
  AuthorizationPolicy: authorizationPolicy,
  Telemetry: telemetry,
  WasmPlugin: wasmPlugin,
  TrafficExtension: trafficExtension,
};

/** Kinds whose CRD says that an object without a spec is refused. */
export const SPEC_REQUIRED: ReadonlySet<IstioKind> = new Set([
  'ServiceEntry',
  'WorkloadEntry',
  'WorkloadGroup',
  'WasmPlugin',
  'TrafficExtension',
]);
