/**
 * istiod's admission webhook: one validator a kind, and what it asks of annotations.
 * Spec: https://istio.io/latest/docs/ops/configuration/mesh/webhook/
 */
import type { AuthorizationPolicySpec } from '../kinds/authorization-policy.ts';
import type { IstioKind, IstioKinds } from '../kinds/kinds.ts';
import { validateAuthorizationPolicy } from './authorization-policy.ts';
import type { ObjectContext } from './context.ts';
import { validateDestinationRule } from './destination-rule.ts';
import { validateEnvoyFilter } from './envoy-filter.ts';
import { Findings } from './findings.ts';
import { validateGateway } from './gateway.ts';
import { validateAnnotations } from './metadata.ts';
import { validatePeerAuthentication } from './peer-authentication.ts';
import { validateProxyConfig } from './proxy-config.ts';
import { validateRequestAuthentication } from './request-authentication.ts';
import { validateServiceEntry } from './service-entry.ts';
import { validateSidecar } from './sidecar.ts';
import { validateTelemetry } from './telemetry.ts';
import { validateTrafficExtension } from './traffic-extension.ts';
import { validateVirtualService } from './virtual-service.ts';
import { validateWasmPlugin } from './wasm-plugin.ts';
import { validateWorkloadEntry } from './workload-entry.ts';
import { validateWorkloadGroup } from './workload-group.ts';

type SpecOf<Kind extends IstioKind> = IstioKinds[Kind]['spec'];

type Validators = {
  readonly [Kind in IstioKind]: (
    spec: SpecOf<Kind>,
    findings: Findings,
    context: ObjectContext,
  ) => void;
};

const VALIDATORS: Validators = {
  VirtualService: validateVirtualService,
  DestinationRule: validateDestinationRule,
  Gateway: validateGateway,
  ServiceEntry: validateServiceEntry,
  WorkloadEntry: validateWorkloadEntry,
  WorkloadGroup: validateWorkloadGroup,
  Sidecar: validateSidecar,
  EnvoyFilter: validateEnvoyFilter,
  ProxyConfig: validateProxyConfig,
  PeerAuthentication: validatePeerAuthentication,
  RequestAuthentication: validateRequestAuthentication,
  AuthorizationPolicy: validateAuthorizationPolicy,
  Telemetry: validateTelemetry,
  WasmPlugin: validateWasmPlugin,
  TrafficExtension: validateTrafficExtension,
};

/** What the webhook says about an object whose spec the schema has accepted. */
export function admissionFindings<Kind extends IstioKind>(
  kind: Kind,
  spec: SpecOf<Kind>,
  context: ObjectContext,
): Findings {
  const findings = new Findings();
  const policy = kind === 'AuthorizationPolicy' ? (spec as AuthorizationPolicySpec) : undefined;
  if (validateAnnotations(context, policy, findings)) VALIDATORS[kind](spec, findings, context);
  return findings;
}
