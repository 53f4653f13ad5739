/**
 * Admission of VirtualServices.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
import type { VirtualServiceSpec } from '../kinds/virtual-service.ts';
import { hostsOverlap } from '../host-name.ts';
import { routingClaim } from '../routing-claim.ts';
import type { ObjectContext } from './context.ts';
import { validateGatewayNames } from './destination.ts';
import { gatewayNameProblem, wildcardNameProblem } from './domain-name.ts';
import { validateExportTo } from './export-to.ts';
import { eachItem, type Findings } from './findings.ts';
import { goList } from './go-format.ts';
import { validateHttpRoute } from './http-route.ts';
import { isIpAddress } from './ip-address.ts';
import { validateTcpRoute, validateTlsRoute } from './tcp-route.ts';
import { warnUnreachableRules } from './unreachable-rules.ts';

const ROUTE_SEMANTICS = 'internal.istio.io/route-semantics';

export function validateVirtualService(
  spec: VirtualServiceSpec,
  findings: Findings,
  context: ObjectContext,
): void {
  const gatewayApiSemantics = context.annotations?.[ROUTE_SEMANTICS] === 'gateway';
  const isDelegate = (spec.hosts?.length ?? 0) === 0;
  if (isDelegate) validateDelegate(spec, findings);
  validateGatewayNames(spec.gateways, ['spec', 'gateways'], findings, gatewayApiSemantics);
  if (!boundToGatewayOnly(spec)) forbidClaimRoutes(spec, findings);
  validateHosts(spec, findings);
  if (![spec.http, spec.tcp, spec.tls].some((routes) => routes && routes.length > 0))
    findings.error(['spec'], 'http, tcp or tls must be provided in virtual service');
  eachItem(spec.http, ['spec', 'http'], findings, 'http route may not be null', (route, at) =>
    validateHttpRoute(route, at, findings, { isDelegate, gatewayApiSemantics }),
  );
  eachItem(spec.tls, ['spec', 'tls'], findings, undefined, (route, at) =>
    validateTlsRoute(route, at, findings, { service: spec, gatewayApiSemantics }),
  );
  eachItem(spec.tcp, ['spec', 'tcp'], findings, undefined, (route, at) =>
    validateTcpRoute(route, at, findings, gatewayApiSemantics),
  );
  validateExportTo(spec.exportTo, ['spec', 'exportTo'], findings, context.namespace);
  warnUnreachableRules(spec, findings);
}

/** Whether no sidecar uses it: gateways are named, and "mesh" is not among them. */
export function boundToGatewayOnly({ gateways = [] }: VirtualServiceSpec): boolean {
  return gateways.length > 0 && !gateways.includes('mesh');
}

function validateDelegate(spec: VirtualServiceSpec, findings: Findings): void {
  const forbidden = [
    ['gateways', 'gateways'],
    ['tls', 'tls route'],
    ['tcp', 'tcp route'],
  ] as const;
  for (const [part, words] of forbidden) {
    if (spec[part]?.length)
      findings.error(['spec', part], `delegate virtual service must have no ${words} specified`);
  }
}

/** Sidecars do not see a request's claims before they route it. */
function forbidClaimRoutes(spec: VirtualServiceSpec, findings: Findings): void {
  spec.http?.forEach((route, index) =>
    route?.match?.forEach((match, matchIndex) => {
      for (const part of ['headers', 'withoutHeaders'] as const) {
        for (const key of Object.keys(match?.[part] ?? {})) {
          if (routingClaim(key))
            findings.error(
              ['spec', 'http', index, 'match', matchIndex, part, key],
              `JWT claim based routing (key: ${key}) is only supported for gateway, found no gateways: ${goList(spec.gateways)}`,
            );
        }
      }
    }),
  );
}

function validateHosts(spec: VirtualServiceSpec, findings: Findings): void {
  const hosts = spec.hosts ?? [];
  const gatewayOnly = boundToGatewayOnly(spec);
  const hasSniHosts = (spec.tls ?? []).some((route) =>
    route?.match?.some((match) => match?.sniHosts?.length > 0),
  );
  let allValid = true;
  hosts.forEach((host, index) => {
    const problem = gatewayOnly ? gatewayNameProblem(host, hasSniHosts) : wildcardNameProblem(host);
    const message =
      problem !== undefined
        ? isIpAddress(host)
          ? undefined
          : problem
        : host === '*' && !gatewayOnly
          ? 'wildcard host * is not allowed for virtual services bound to the mesh gateway'
          : undefined;
    findings.check(['spec', 'hosts', index], message);
    allValid &&= message === undefined;
  });
  if (!allValid) return;
  hosts.forEach((host, index) => {
    for (let other = index + 1; other < hosts.length; other++) {
      const rival = hosts[other] ?? '';
      if (hostsOverlap(host, rival))
        findings.error(
          ['spec', 'hosts', other],
          `duplicate hosts in virtual service: ${host} & ${rival}`,
        );
    }
  });
}
