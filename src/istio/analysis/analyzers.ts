/**
 * All analyzers of istioctl, in its order.
 * Simplified: one cluster is analyzed, so services are not compared between clusters (IST0170).
 */
import { alphaAnnotationsAnalyzer, annotationsAnalyzer } from './analyzers/annotations.ts';
import { applicationUidAnalyzer } from './analyzers/application-uid.ts';
import { authorizationPoliciesAnalyzer } from './analyzers/authorization-policies.ts';
import { deprecationAnalyzer } from './analyzers/deprecations.ts';
import { serviceAssociationAnalyzer } from './analyzers/deployment-services.ts';
import { subsetSelectsPodAnalyzer } from './analyzers/destination-rule-subsets.ts';
import { caCertificateAnalyzer } from './analyzers/destination-rule-tls.ts';
import { envoyPatchAnalyzer } from './analyzers/envoy-filter-patches.ts';
import { externalControlPlaneAnalyzer } from './analyzers/external-control-plane.ts';
import { gatewayApiSelectorAnalyzer, gatewayApiVersionAnalyzer } from './analyzers/gateway-api.ts';
import {
  gatewayCertificateAnalyzer,
  gatewaySecretAnalyzer,
} from './analyzers/gateway-certificates.ts';
import { conflictingGatewayAnalyzer } from './analyzers/gateway-conflicts.ts';
import { ingressGatewayPortAnalyzer } from './analyzers/gateway-ports.ts';
import { imageAutoAnalyzer } from './analyzers/injection-image-auto.ts';
import { injectionImageAnalyzer } from './analyzers/injection-image.ts';
import { injectionAnalyzer } from './analyzers/injection.ts';
import { blockedCidrsAnalyzer } from './analyzers/jwks-uris.ts';
import { jwtClaimRouteAnalyzer } from './analyzers/jwt-claim-routes.ts';
import { meshNetworksAnalyzer } from './analyzers/mesh-networks.ts';
import { schemaValidationAnalyzers } from './analyzers/schema-validation.ts';
import { protocolAddressesAnalyzer } from './analyzers/service-entry-addresses.ts';
import { portNameAnalyzer } from './analyzers/service-ports.ts';
import { conditionAnalyzer } from './analyzers/status-conditions.ts';
import { lightstepAnalyzer, telemetryProviderAnalyzer } from './analyzers/telemetry-providers.ts';
import { conflictingMeshGatewayHostsAnalyzer } from './analyzers/virtual-service-conflicts.ts';
import {
  destinationHostAnalyzer,
  destinationSubsetAnalyzer,
} from './analyzers/virtual-service-destinations.ts';
import { virtualServiceGatewayAnalyzer } from './analyzers/virtual-service-gateways.ts';
import { webhookAnalyzer } from './analyzers/webhooks.ts';
import {
  sidecarSelectorAnalyzer,
  telemetryDefaultSelectorAnalyzer,
  telemetrySelectorAnalyzer,
} from './analyzers/workload-selectors.ts';
import type { Analyzer } from './context.ts';

export const ANALYZERS: readonly Analyzer[] = [
  annotationsAnalyzer,
  blockedCidrsAnalyzer,
  authorizationPoliciesAnalyzer,
  conditionAnalyzer,
  serviceAssociationAnalyzer,
  applicationUidAnalyzer,
  caCertificateAnalyzer,
  subsetSelectsPodAnalyzer,
  deprecationAnalyzer,
  envoyPatchAnalyzer,
  externalControlPlaneAnalyzer,
  ingressGatewayPortAnalyzer,
  gatewayCertificateAnalyzer,
  gatewaySecretAnalyzer,
  conflictingGatewayAnalyzer,
  injectionAnalyzer,
  injectionImageAnalyzer,
  imageAutoAnalyzer,
  gatewayApiSelectorAnalyzer,
  gatewayApiVersionAnalyzer,
  meshNetworksAnalyzer,
  portNameAnalyzer,
  sidecarSelectorAnalyzer,
  conflictingMeshGatewayHostsAnalyzer,
  destinationHostAnalyzer,
  destinationSubsetAnalyzer,
  virtualServiceGatewayAnalyzer,
  jwtClaimRouteAnalyzer,
  protocolAddressesAnalyzer,
  webhookAnalyzer,
  telemetryProviderAnalyzer,
  telemetrySelectorAnalyzer,
  telemetryDefaultSelectorAnalyzer,
  lightstepAnalyzer,
  ...schemaValidationAnalyzers,
];

/**
 * The analyzers of a name, written as the Go type: "gateway.SecretAnalyzer"; "schema.…" stands for
 * what validates the kinds it names, or all.
 */
export function analyzersNamed(name: string): readonly Analyzer[] {
  const type = name.replace(/^&/, '').replace(/\{.*$/, '');
  const found = [...ANALYZERS, alphaAnnotationsAnalyzer].filter((one) => one.name === type);
  if (found.length > 0 || !type.startsWith('schema.')) return found;
  const kinds = schemaValidationAnalyzers.filter((one) =>
    name.toLowerCase().includes(one.name.split('.').at(-1)?.toLowerCase() ?? name),
  );
  return kinds.length > 0 ? kinds : schemaValidationAnalyzers;
}
