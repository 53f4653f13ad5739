/**
 * TCP and TLS routes of a VirtualService.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import { hostWithin } from '../host-name.ts';
import type {
  L4Match,
  TcpRoute,
  TlsMatch,
  TlsRoute,
  VirtualServiceSpec,
} from '../kinds/virtual-service.ts';
import { validateGatewayNames } from './destination.ts';
import { validateLabels } from './dns-label.ts';
import { gatewayNameProblem, wildcardNameProblem } from './domain-name.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { isIpAddress, subnetProblem } from './ip-address.ts';
import { validateRouteDestinations } from './route-destination.ts';
import { portProblem } from './scalar.ts';

export interface TlsRouteOptions {
  readonly service: VirtualServiceSpec;
  readonly gatewayApiSemantics: boolean;
}

export function validateTlsRoute(
  route: TlsRoute,
  path: ValuePath,
  findings: Findings,
  { service, gatewayApiSemantics }: TlsRouteOptions,
): void {
  if (!route.match?.length)
    findings.error([...path, 'match'], 'TLS route must have at least one match condition');
  eachItem(route.match, [...path, 'match'], findings, 'TLS match may not be null', (match, at) => {
    validateSniHosts(match, at, findings, service);
    validateL4Match(match, at, findings);
  });
  if (!route.route?.length) findings.error(path, 'TLS route is required');
  validateRouteDestinations(route.route, [...path, 'route'], findings, gatewayApiSemantics);
}

export function validateTcpRoute(
  route: TcpRoute,
  path: ValuePath,
  findings: Findings,
  gatewayApiSemantics: boolean,
): void {
  eachItem(route.match, [...path, 'match'], findings, 'tcp match may not be nil', (match, at) =>
    findings.withoutWarnings(() => validateL4Match(match, at, findings)),
  );
  if (!route.route?.length) findings.error(path, 'TCP route is required');
  validateRouteDestinations(route.route, [...path, 'route'], findings, gatewayApiSemantics);
}

function validateL4Match(match: L4Match, path: ValuePath, findings: Findings): void {
  match.destinationSubnets?.forEach((subnet, index) =>
    findings.check([...path, 'destinationSubnets', index], subnetProblem(subnet)),
  );
  if (match.port) findings.check([...path, 'port'], portProblem(match.port));
  validateLabels(match.sourceLabels, [...path, 'sourceLabels'], findings);
  validateGatewayNames(match.gateways, [...path, 'gateways'], findings);
}

function validateSniHosts(
  match: TlsMatch,
  path: ValuePath,
  findings: Findings,
  service: VirtualServiceSpec,
): void {
  if (!match.sniHosts?.length)
    findings.error([...path, 'sniHosts'], 'TLS match must have at least one SNI host');
  const boundToMesh = (service.gateways ?? []).includes('mesh');
  match.sniHosts?.forEach((host, index) => {
    const at = [...path, 'sniHosts', index];
    const problem = boundToMesh ? wildcardNameProblem(host) : gatewayNameProblem(host, true);
    if (problem !== undefined) {
      if (isIpAddress(host))
        findings.warn(
          at,
          `using an IP address (${quoted(host)}) goes against SNI spec and most clients do not support this`,
        );
      else findings.error(at, problem);
      return;
    }
    const hosts = service.hosts ?? [];
    if (!hosts.some((outer) => hostWithin(host, outer)))
      findings.error(
        at,
        `SNI host ${quoted(host)} is not a compatible subset of any of the virtual service hosts: [${hosts.join(', ')}]`,
      );
  });
}
