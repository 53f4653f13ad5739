/** Models `istioctl proxy-config listeners`. Spec: istioctl 1.30, writer/envoy/configdump. */
import { unpackAny } from '../../../xds/resources/any.ts';
import type { Filter, FilterChain, FilterChainMatch } from '../../../xds/resources/filter-chain.ts';
import type { HttpConnectionManager } from '../../../xds/resources/http-connection-manager.ts';
import type { Listener } from '../../../xds/resources/listener.ts';
import type { RouteConfiguration } from '../../../xds/resources/route-configuration.ts';
import type { RouteMatch } from '../../../xds/resources/route.ts';
import type { TcpProxy } from '../../../xds/resources/tcp-proxy.ts';
import { alignColumns } from '../table.ts';

const HTTP = 'envoy.filters.network.http_connection_manager';
const TCP = 'envoy.filters.network.tcp_proxy';
const BLACK_HOLE = 'BlackHoleCluster';

/** Lists of application protocols that have a name of their own. */
const PROTOCOL_NAMES: readonly (readonly [string, string])[] = [
  ['http/1.0,http/1.1,h2c,istio-http/1.0,istio-http/1.1,istio-h2', 'App: HTTP TLS'],
  ['istio,istio-http/1.0,istio-http/1.1,istio-h2', 'App: Istio HTTP Plain'],
  ['istio-peer-exchange,istio', 'App: TCP TLS'],
  ['http/1.0,http/1.1,h2c', 'App: HTTP'],
];

export interface ListenerFilterOptions {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly type?: string | undefined;
}

export function selectListeners(
  listeners: readonly Listener[],
  filter: ListenerFilterOptions,
): Listener[] {
  return listeners
    .filter(
      (listener) =>
        (filter.address === undefined || addressOf(listener) === filter.address) &&
        (filter.port === undefined || portOf(listener) === filter.port) &&
        (filter.type === undefined || typeOf(listener).toLowerCase() === filter.type.toLowerCase()),
    )
    .sort(
      (one, other) =>
        portOf(one) - portOf(other) ||
        compare(addressOf(one), addressOf(other)) ||
        compare(typeOf(one), typeOf(other)),
    );
}

export function listenersTable(
  listeners: readonly Listener[],
  filter: ListenerFilterOptions = {},
): string {
  const rows = selectListeners(listeners, filter).flatMap((listener) =>
    chainsOf(listener)
      .map((chain) => ({
        match: describeMatch(chain.filter_chain_match ?? {}),
        destination: describeDestination(chain.filters ?? []),
      }))
      .sort((one, other) => compare(other.destination, one.destination))
      .map(({ match, destination }) => [
        addressesOf(listener).join(','),
        String(portOf(listener)),
        match,
        destination,
      ]),
  );
  return alignColumns([['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'], ...rows], 1);
}

function chainsOf(listener: Listener): FilterChain[] {
  const chains = [...(listener.filter_chains ?? [])];
  return listener.default_filter_chain ? [...chains, listener.default_filter_chain] : chains;
}

function typeOf(listener: Listener): string {
  const filters = chainsOf(listener).flatMap((chain) => chain.filters ?? []);
  const http = filters.some(({ name }) => name === HTTP);
  const tcp = filters.some((filter) => filter.name === TCP && !isBlackHole(filter));
  if (http) return tcp ? 'HTTP+TCP' : 'HTTP';
  return tcp ? 'TCP' : 'UNKNOWN';
}

function describeMatch(match: FilterChainMatch): string {
  const parts: string[] = [];
  if (match.server_names?.length) parts.push(`SNI: ${match.server_names.join(',')}`);
  if (match.transport_protocol) parts.push(`Trans: ${match.transport_protocol}`);
  if (match.application_protocols?.length) {
    const list = match.application_protocols.join(',');
    parts.push(PROTOCOL_NAMES.find(([protocols]) => protocols === list)?.[1] ?? `App: ${list}`);
  }
  const port = match.destination_port === undefined ? '' : `:${match.destination_port}`;
  const ranges = (match.prefix_ranges ?? []).map(
    (range) => `${range.address_prefix}/${range.prefix_len ?? 0}`,
  );
  if (ranges.length > 0) parts.push(`Addr: ${ranges.join(',')}${port}`);
  else if (port) parts.push(`Addr: *${port}`);
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

function describeDestination(filters: readonly Filter[]): string {
  for (const filter of filters) {
    if (filter.name === HTTP && filter.typed_config) {
      const manager = unpackAny<HttpConnectionManager>(filter.typed_config);
      if (manager.route_config) return describeRoutes(manager.route_config);
      return manager.rds?.route_config_name ? `Route: ${manager.rds.route_config_name}` : 'HTTP';
    }
    if (filter.name === TCP && filter.typed_config && !isBlackHole(filter)) {
      const { cluster = '' } = unpackAny<TcpProxy>(filter.typed_config);
      return cluster.includes('Cluster') ? cluster : `Cluster: ${cluster}`;
    }
  }
  return 'Non-HTTP/Non-TCP';
}

function describeRoutes(config: RouteConfiguration): string {
  const everything = matchAllCluster(config);
  if (everything) return everything.includes('Cluster') ? everything : `Cluster: ${everything}`;
  const hosts = (config.virtual_hosts ?? []).map((host) => {
    const routes = (host.routes ?? []).map(({ match }) => describeRouteMatch(match)).join(', ');
    const domains = host.domains.join('/');
    return domains === '*' ? routes : `${domains} ${routes}`;
  });
  return `Inline Route: ${hosts.join('; ')}`;
}

function matchAllCluster({ virtual_hosts: hosts = [] }: RouteConfiguration): string | undefined {
  const [host] = hosts;
  if (hosts.length !== 1 || host?.domains.join() !== '*' || host.routes?.length !== 1)
    return undefined;
  const [route] = host.routes;
  return route?.match.prefix === '/' ? route.route?.cluster : undefined;
}

/** Path specifiers only; headers are ignored, as istioctl does. */
export function describeRouteMatch(match: RouteMatch): string {
  const parts: string[] = [];
  if (match.prefix) parts.push(`${match.prefix}*`);
  if (match.path_separated_prefix) parts.push(`PathPrefix:${match.path_separated_prefix}`);
  if (match.path) parts.push(match.path);
  if (match.safe_regex) parts.push(`regex ${match.safe_regex.regex}`);
  return parts.join(' ');
}

function isBlackHole(filter: Filter): boolean {
  return JSON.stringify(filter.typed_config ?? {}).includes(BLACK_HOLE);
}

function addressesOf(listener: Listener): string[] {
  const more = (listener.additional_addresses ?? []).map(
    ({ address }) => address.socket_address?.address ?? '',
  );
  return [addressOf(listener), ...more];
}

function addressOf(listener: Listener): string {
  return listener.address?.socket_address?.address ?? listener.address?.pipe?.path ?? '';
}

function portOf(listener: Listener): number {
  return listener.address?.socket_address?.port_value ?? 0;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
