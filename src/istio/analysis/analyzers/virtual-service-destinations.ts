/**
 * Destinations of VirtualServices: hosts, ports and subsets that exist, and subsets that no ingress
 * traffic sees.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0101/, ist0112/ and ist0140/
 */
import type { ValuePath } from '../../../kube/yaml/documents.ts';
import type { Destination } from '../../kinds/destination.ts';
import type { RouteDestination, VirtualServiceSpec } from '../../kinds/virtual-service.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import type { Resource } from '../resource.ts';
import { serviceOfHost, ServiceHosts, type KnownHost } from '../service-hosts.ts';

type VirtualService = Resource<VirtualServiceSpec>;

interface PlacedDestination {
  readonly destination: Destination;
  readonly path: ValuePath;
  readonly isMirror: boolean;
}

export const destinationHostAnalyzer: Analyzer = {
  name: 'virtualservice.DestinationHostAnalyzer',
  run(context) {
    const hosts = new ServiceHosts(context);
    for (const service of context.all('VirtualService')) {
      for (const placed of destinationsOf(service.spec)) checkHost(service, placed, hosts, context);
      reportSubsetsBehindGateways(service, context);
    }
  },
};

export const destinationSubsetAnalyzer: Analyzer = {
  name: 'virtualservice.DestinationRuleAnalyzer',
  run(context) {
    const subsets = new Set(
      context
        .all('DestinationRule')
        .flatMap(({ namespace, spec }) =>
          (spec.subsets ?? []).map(({ name }) => subsetKey(namespace, spec.host ?? '', name)),
        ),
    );
    for (const service of context.all('VirtualService')) {
      for (const { destination, path, isMirror } of destinationsOf(service.spec)) {
        const { host = '', subset } = destination;
        if (!subset || subsets.has(subsetKey(service.namespace, host, subset))) continue;
        const what = `${isMirror ? 'mirror' : 'host'}+subset in destinationrule`;
        context.report(
          'ReferencedResourceNotFound',
          service,
          [what, `${host}+${subset}`],
          [...path, 'host'],
        );
      }
    }
  },
};

function subsetKey(namespace: string, host: string, subset: string): string {
  return `${serviceOfHost(namespace, host)}+${subset}`;
}

function checkHost(
  service: VirtualService,
  { destination, path, isMirror }: PlacedDestination,
  hosts: ServiceHosts,
  context: AnalysisContext,
): void {
  const host = destination.host ?? '';
  const known = hosts.find(service.namespace, service.spec.exportTo, host);
  if (known) {
    checkPort(service, destination, known, [...path, 'host'], context);
    return;
  }
  const what = isMirror ? 'mirror host' : 'host';
  context.report('ReferencedResourceNotFound', service, [what, host], [...path, 'host']);
}

function checkPort(
  service: VirtualService,
  { host = '', port }: Destination,
  { ports = [] }: KnownHost,
  path: ValuePath,
  context: AnalysisContext,
): void {
  const numbers = ports.map((item) => item.number);
  if (!port) {
    if (numbers.length > 1)
      context.report(
        'VirtualServiceDestinationPortSelectorRequired',
        service,
        [host, numbers],
        path,
      );
  } else if (!numbers.includes(port.number ?? 0)) {
    const place = `${host}:${port.number ?? 0}`;
    context.report('ReferencedResourceNotFound', service, ['host:port', place], path);
  }
}

/** A gateway that routes to the host as a whole does not see the subsets another one makes. */
function reportSubsetsBehindGateways(service: VirtualService, context: AnalysisContext): void {
  if (!service.spec.gateways?.length) return;
  (service.spec.http ?? []).forEach((route, index) =>
    route.route?.forEach(({ destination }, at) => {
      if (!destination || destination.subset) return;
      for (const other of context.all('VirtualService')) {
        if (!splitsHost(other.spec, destination.host)) continue;
        context.report(
          'IngressRouteRulesNotAffected',
          service,
          [other.fullName, service.fullName],
          ['spec', 'http', index, 'route', at, 'destination', 'host'],
        );
      }
    }),
  );
}

/** Whether the VirtualService is for that very host and sends it to subsets. */
function splitsHost({ hosts = [], http = [] }: VirtualServiceSpec, host: string): boolean {
  if (!hosts.includes(host)) return false;
  return http.some((route) =>
    route.route?.some(({ destination }) => destination?.subset && destination.host === host),
  );
}

/** A route to nothing is a route to a host without a name. */
const NOWHERE: Destination = { host: '' };

function destinationsOf(spec: VirtualServiceSpec): PlacedDestination[] {
  const placed: PlacedDestination[] = [];
  for (const part of ['tcp', 'tls', 'http'] as const) {
    spec[part]?.forEach((route, index) =>
      route.route?.forEach(({ destination }: Partial<RouteDestination>, at) => {
        const path = ['spec', part, index, 'route', at, 'destination'];
        placed.push({ destination: destination ?? NOWHERE, path, isMirror: false });
      }),
    );
  }
  spec.http?.forEach(({ mirror, mirrors }, index) => {
    const path = ['spec', 'http', index];
    if (mirror) placed.push({ destination: mirror, path: [...path, 'mirror'], isMirror: true });
    mirrors?.forEach(({ destination }: Partial<RouteDestination>, at) => {
      const where = [...path, 'mirrors', at, 'destination'];
      placed.push({ destination: destination ?? NOWHERE, path: where, isMirror: true });
    });
  });
  return placed;
}
