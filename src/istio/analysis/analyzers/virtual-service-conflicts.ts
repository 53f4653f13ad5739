/**
 * VirtualServices for sidecars that claim one host between them.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0109/
 */
import { hostsOverlap } from '../../host-name.ts';
import type { VirtualServiceSpec } from '../../kinds/virtual-service.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import type { Resource } from '../resource.ts';
import { fullHost } from '../service-hosts.ts';

const EVERYBODY = '*';

interface Claim {
  /** A namespace, or "*". */
  readonly scope: string;
  readonly host: string;
  readonly services: Resource<VirtualServiceSpec>[];
}

export const conflictingMeshGatewayHostsAnalyzer: Analyzer = {
  name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
  run(context) {
    const claims = claimsOf(context);
    const reported = new Set<string>();
    for (const claim of claims) {
      const services = [...claim.services];
      if (claim.scope !== EVERYBODY) services.push(...claimsOfEverybody(claim.host, claims));
      if (services.length < 2) continue;
      const names = services.map(({ fullName }) => fullName).sort();
      for (const service of services) {
        if (reported.has(service.fullName)) continue;
        reported.add(service.fullName);
        context.report(
          'ConflictingMeshGatewayVirtualServiceHosts',
          service,
          [names.join(','), `${claim.scope}/${claim.host}`],
          ['metadata', 'name'],
        );
      }
    }
  },
};

function claimsOf(context: AnalysisContext): Claim[] {
  const claims = new Map<string, Claim>();
  for (const service of context.all('VirtualService')) {
    const { gateways = [], hosts = [], exportTo = [] } = service.spec;
    if (gateways.length > 0 && !gateways.includes('mesh')) continue;
    for (const scope of scopesOf(exportTo, service.namespace)) {
      for (const host of hosts.map((name) => fullHost(service.namespace, name))) {
        const key = `${scope}/${host}`;
        const claim = claims.get(key) ?? { scope, host, services: [] };
        claim.services.push(service);
        claims.set(key, claim);
      }
    }
  }
  return [...claims.values()];
}

function claimsOfEverybody(host: string, claims: readonly Claim[]) {
  return claims
    .filter((other) => other.scope === EVERYBODY && hostsOverlap(host, other.host))
    .flatMap((other) => other.services);
}

function scopesOf(exportTo: readonly string[], namespace: string): string[] {
  if (exportTo.length === 0 || exportTo.includes(EVERYBODY)) return [EVERYBODY];
  return [...new Set(exportTo.map((scope) => (scope === '.' ? namespace : scope)))];
}
