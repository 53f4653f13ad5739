/** Models `istioctl proxy-config routes`. Spec: istioctl 1.30, writer/envoy/configdump. */
import type { RouteConfiguration } from '../../../xds/resources/route-configuration.ts';
import { alignColumns } from '../table.ts';
import { describeRouteMatch } from './listeners.ts';
import { managedBy } from './proxy-dump.ts';

const DOMAINS_SHOWN = 2;

export function selectRoutes(
  routes: readonly RouteConfiguration[],
  name?: string,
): RouteConfiguration[] {
  const wanted = routes.filter((route) => name === undefined || route.name === name);
  // names that are ports come first, in order; the rest keep theirs
  const port = (route: RouteConfiguration) => Number(route.name ?? NaN);
  const byPort = wanted.filter((route) => !Number.isNaN(port(route)));
  const others = wanted.filter((route) => Number.isNaN(port(route)));
  return [...byPort.sort((one, other) => port(one) - port(other)), ...others];
}

export function routesTable(routes: readonly RouteConfiguration[], name?: string): string {
  const rows: string[][] = [];
  for (const config of selectRoutes(routes, name))
    for (const host of config.virtual_hosts ?? []) {
      const where = [config.name ?? '', host.name, describeDomains(host.domains)];
      for (const route of host.routes ?? [])
        if (route.route?.cluster !== 'PassthroughCluster')
          rows.push([...where, describeRouteMatch(route.match), managedBy(route.metadata)]);
      if ((host.routes ?? []).length === 0) rows.push([...where, '/*', '404']);
    }
  const header = ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'];
  return alignColumns([header, ...rows], 5);
}

function describeDomains(domains: readonly string[]): string {
  if (domains.length <= 1) return domains[0] ?? '';
  const names = withoutExpansions(
    domains.filter((domain) => !domain.includes(':') || isBareIpv6(domain)),
  );
  const shown = names.slice(0, DOMAINS_SHOWN).join(', ');
  const more = names.length - DOMAINS_SHOWN;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

function isBareIpv6(domain: string): boolean {
  return domain.split(':').length > 3 && domain.endsWith(']');
}

/** Leaves "reviews.default.svc(.cluster.local)" out where "reviews.default" stands as well. */
function withoutExpansions(domains: readonly string[]): string[] {
  const all = new Set(domains);
  const isExpansion = (domain: string, suffix: string) =>
    domain.endsWith(suffix) && all.has(domain.slice(0, -suffix.length));
  return domains.filter(
    (domain) => !isExpansion(domain, '.svc.cluster.local') && !isExpansion(domain, '.svc'),
  );
}
