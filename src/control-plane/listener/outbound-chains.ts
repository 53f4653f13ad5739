/**
 * Models the TCP and TLS chains of an outbound port: VirtualServices' matches, then the service itself.
 *
 * Spec: istio pilot/pkg/networking/core/tls.go.
 */
import { hostWithin } from '../../istio/host-name.ts';
import type { L4Match, TlsMatch, VirtualService } from '../../istio/kinds/virtual-service.ts';
import { isTls } from '../../istio/protocol.ts';
import { selects } from '../config.ts';
import { configMetadata } from '../metadata.ts';
import { outboundClusterName, WILDCARD_ADDRESS } from '../names.ts';
import { originIn } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import type { Service, ServicePort } from '../registry/service.ts';
import { alternativeHosts } from '../route/virtual-host-domains.ts';
import type { ChainOptions } from './chain-options.ts';
import { routedTcpFilters, singleTcpFilters } from './outbound-filters.ts';

export interface OutboundTarget {
  readonly service: Service;
  readonly port: ServicePort;
  readonly bind: string;
  readonly cidrs: readonly string[];
}

const MESH: ReadonlySet<string> = new Set(['mesh']);

export function tcpChains(
  proxy: Proxy,
  target: OutboundTarget,
  virtualServices: readonly VirtualService[],
): ChainOptions[] {
  const configs = virtualServices.filter(({ spec }) =>
    spec.hosts?.some(
      (host) => hostWithin(target.service.host, host) || hostWithin(host, target.service.host),
    ),
  );
  return isTls(target.port.protocol)
    ? tlsChains(proxy, target, configs)
    : plainChains(proxy, target, configs);
}

function tlsChains(
  proxy: Proxy,
  target: OutboundTarget,
  configs: readonly VirtualService[],
): ChainOptions[] {
  const chains: ChainOptions[] = [];
  const handled = new Set<string>();
  for (const config of configs)
    for (const [index, tls] of (config.spec.tls ?? []).entries())
      for (const [at, match] of tls.match.entries()) {
        if (!l4Matches(match, proxy, MESH, target.port.port)) continue;
        const key = `${match.sniHosts.join()}|${(match.destinationSubnets ?? []).join()}`;
        if (handled.has(key)) continue;
        handled.add(key);
        chains.push({
          sniHosts: match.sniHosts,
          destinationCidrs: match.destinationSubnets?.length
            ? match.destinationSubnets
            : target.cidrs,
          filters: routedTcpFilters(proxy, tls.route ?? [], target.port, config),
          metadata: configMetadata(config),
          origin: originIn(config, 'spec', 'tls', index, 'match', at),
        });
      }
  return chains.length > 0 ? chains : [ownTlsChain(proxy, target)];
}

/** The service's own host as SNI where its address cannot tell it from others. */
function ownTlsChain(proxy: Proxy, target: OutboundTarget): ChainOptions {
  const { service, bind, cidrs } = target;
  const address = service.address.includes('/') ? '' : service.address;
  const isShared =
    cidrs.length > 0 ||
    address === '' ||
    (address === WILDCARD_ADDRESS && bind === WILDCARD_ADDRESS);
  const aliases = service.aliases.flatMap((it) => [
    it,
    ...alternativeHosts(it, proxy.node.dnsDomain),
  ]);
  return {
    ...serviceChain(proxy, target),
    ...(isShared && { sniHosts: [service.host, ...aliases] }),
  };
}

function plainChains(
  proxy: Proxy,
  target: OutboundTarget,
  configs: readonly VirtualService[],
): ChainOptions[] {
  const chains: ChainOptions[] = [];
  const { port } = target.port;
  for (const config of configs)
    for (const [index, tcp] of (config.spec.tcp ?? []).entries()) {
      const filters = () => routedTcpFilters(proxy, tcp.route ?? [], target.port, config);
      const origin = originIn(config, 'spec', 'tcp', index);
      const matching = (tcp.match ?? []).filter((it) => l4Matches(it, proxy, MESH, port));
      const isDefault =
        !tcp.match?.length ||
        matching.some(({ destinationSubnets }) => !destinationSubnets?.length);
      if (isDefault) {
        const metadata = configMetadata(config);
        chains.push({ destinationCidrs: target.cidrs, filters: filters(), metadata, origin });
        return chains;
      }
      const subnets = matching.flatMap(({ destinationSubnets = [] }) => destinationSubnets);
      if (subnets.length > 0)
        chains.push({ destinationCidrs: subnets, filters: filters(), origin });
    }
  return [...chains, serviceChain(proxy, target)];
}

function serviceChain(proxy: Proxy, { service, port, cidrs }: OutboundTarget): ChainOptions {
  const only = service.ports.length === 1 ? service.ports[0]!.port : port.port;
  const rule = proxy.scope.destinationRule(service.host, proxy.labels)?.spec;
  const cluster = outboundClusterName('', service.host, only);
  return {
    destinationCidrs: cidrs,
    filters: singleTcpFilters(proxy, cluster, '', port, rule),
    ...(service.origin && { origin: service.origin }),
  };
}

/** Whether a TCP or TLS match is about this proxy, gateway and port. */
export function l4Matches(
  match: L4Match | TlsMatch,
  proxy: Proxy,
  gateways: ReadonlySet<string>,
  port: number,
): boolean {
  return (
    (!match.gateways?.length || match.gateways.some((name) => gateways.has(name))) &&
    selects(match.sourceLabels, proxy.labels) &&
    (!match.port || match.port === port) &&
    (!match.sourceNamespace || match.sourceNamespace === proxy.node.namespace)
  );
}
