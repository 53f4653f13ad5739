/**
 * Models where a call goes, from generated configuration alone: listener, filter chain, virtual host,
 * route, cluster, or why not.
 *
 * Spec: istio pilot/pkg/simulation/traffic.go. Simplified (as there): routes are told by path alone,
 * a weighted route has no one cluster.
 */
import { RE2JS } from 're2js';
import type {
  FilterChain,
  ListenerFilterChainMatchPredicate,
} from '../../xds/resources/filter-chain.ts';
import type { HttpConnectionManager } from '../../xds/resources/http-connection-manager.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import type { RouteConfiguration, VirtualHost } from '../../xds/resources/route-configuration.ts';
import type { Route } from '../../xds/resources/route.ts';
import type { TcpProxy } from '../../xds/resources/tcp-proxy.ts';
import type { DownstreamTlsContext } from '../../xds/resources/transport-socket.ts';
import { VIRTUAL_INBOUND, VIRTUAL_OUTBOUND, WILDCARD_ADDRESS } from '../names.ts';
import {
  fillDefaults,
  sniffedProtocol,
  type Call,
  type CallResult,
  type FilledCall,
} from './call.ts';
import { matchFilterChain } from './filter-chain.ts';

export interface SimulatedConfig {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
}

/** What decided, for whoever wants to show it: the objects themselves. */
export interface CallTrace {
  listener?: Listener;
  filterChain?: FilterChain;
  virtualHost?: VirtualHost;
  route?: Route;
}

export function simulate(config: SimulatedConfig, given: Call, trace: CallTrace = {}): CallResult {
  const result: CallResult = {
    listenerMatched: '',
    filterChainMatched: '',
    routeConfigMatched: '',
    virtualHostMatched: '',
    routeMatched: '',
    clusterMatched: '',
  };
  const filled = fillDefaults(given);
  const listener = matchListener(config.listeners, filled);
  if (!listener) return { ...result, error: 'ErrNoListener' };
  trace.listener = listener;
  result.listenerMatched = listener.name ?? '';
  const hasTlsInspector = inspects(listener, 'envoy.filters.listener.tls_inspector', filled.port);
  const call = { ...filled, alpn: seenAlpn(listener, filled, hasTlsInspector) };
  const chain = matchFilterChain(
    listener.filter_chains ?? [],
    listener.default_filter_chain,
    call,
    hasTlsInspector,
  );
  if (typeof chain === 'string') return { ...result, error: chain };
  trace.filterChain = chain;
  result.filterChainMatched = chain.name ?? '';
  if (chain.transport_socket) {
    if (call.tls === 'plaintext') return { ...result, error: 'ErrTLSError' };
    if (asksClientCertificate(chain, call.certificate) !== (call.tls === 'mtls'))
      return { ...result, error: 'ErrMTLSError' };
  }
  const manager = filterOf<HttpConnectionManager>(
    chain,
    'envoy.filters.network.http_connection_manager',
  );
  if (manager) return routeHttp(config, chain, manager, call, result, trace);
  const tcp = filterOf<TcpProxy>(chain, 'envoy.filters.network.tcp_proxy');
  return { ...result, clusterMatched: tcp?.cluster ?? '' };
}

function routeHttp(
  config: SimulatedConfig,
  chain: FilterChain,
  manager: HttpConnectionManager,
  call: FilledCall,
  result: CallResult,
  trace: CallTrace,
): CallResult {
  const isUndecrypted = call.tls !== 'plaintext' && !chain.transport_socket;
  if (isUndecrypted || (call.protocol !== 'http' && call.protocol !== 'http2'))
    return { ...result, error: 'ErrProtocolError' };
  const name = manager.rds?.route_config_name ?? '';
  if (!manager.route_config) result.routeConfigMatched = name;
  const table = manager.route_config ?? config.routes.find((it) => it.name === name);
  const host = table && matchVirtualHost(table, call.host);
  if (!host) return { ...result, error: 'ErrNoVirtualHost' };
  trace.virtualHost = host;
  result.virtualHostMatched = host.name;
  if (host.require_tls === 'ALL' && call.tls === 'plaintext')
    return { ...result, error: 'ErrTLSRedirect' };
  const route = host.routes?.find((it) => pathMatches(it, call.path));
  if (!route) return { ...result, error: 'ErrNoRoute' };
  trace.route = route;
  return { ...result, routeMatched: route.name ?? '', clusterMatched: route.route?.cluster ?? '' };
}

function matchListener(listeners: readonly Listener[], call: FilledCall): Listener | undefined {
  if (call.isInbound) return listeners.find(({ name }) => name === VIRTUAL_INBOUND);
  const at = (address: string) =>
    listeners.find(({ address: own }) => {
      const socket = own?.socket_address;
      return socket?.address === address && (socket.port_value ?? 0) === call.port;
    });
  return (
    at(call.address) ??
    at(WILDCARD_ADDRESS) ??
    listeners.find(({ name }) => name === VIRTUAL_OUTBOUND)
  );
}

/** ALPN is seen only where TLS is looked into; plaintext HTTP is recognised by sniffing. */
function seenAlpn(listener: Listener, call: FilledCall, hasTlsInspector: boolean): string {
  const sniffs = inspects(listener, 'envoy.filters.listener.http_inspector', call.port);
  if (sniffs && call.tls === 'plaintext' && sniffedProtocol(call)) return sniffedProtocol(call);
  return hasTlsInspector ? call.alpn : '';
}

function inspects(
  { listener_filters: filters = [] }: Listener,
  name: string,
  port: number,
): boolean {
  const filter = filters.find((it) => it.name === name);
  return !!filter && !(filter.filter_disabled && holds(filter.filter_disabled, port));
}

function holds(predicate: ListenerFilterChainMatchPredicate, port: number): boolean {
  const { or_match, and_match, not_match, destination_port_range: range } = predicate;
  if (or_match) return or_match.rules.some((rule) => holds(rule, port));
  if (and_match) return and_match.rules.every((rule) => holds(rule, port));
  if (not_match) return !holds(not_match, port);
  if (range) return port >= (range.start ?? 0) && port < (range.end ?? 0);
  return predicate.any_match ?? false;
}

function filterOf<T>({ filters = [] }: FilterChain, name: string): T | undefined {
  return filters.find((it) => it.name === name)?.typed_config as T | undefined;
}

function asksClientCertificate({ transport_socket: socket }: FilterChain, name: string): boolean {
  const tls = socket?.typed_config as DownstreamTlsContext | undefined;
  const first = tls?.common_tls_context?.tls_certificate_sds_secret_configs?.[0];
  return first?.name === name && tls?.require_client_certificate === true;
}

/** Exact names, then the longest suffix, then the longest prefix, then "*". */
function matchVirtualHost(table: RouteConfiguration, given: string): VirtualHost | undefined {
  const port = /^(\[.*\]|[^:]*):\d*$/.exec(given);
  const host =
    table.ignore_port_in_host_matching && port ? port[1]!.replace(/^\[|\]$/g, '') : given;
  const hosts = table.virtual_hosts ?? [];
  const exact = hosts.find(({ domains }) => domains.includes(host));
  const fits = (domain: string, isMatch: boolean) =>
    isMatch && host.length >= domain.length ? domain.length : 0;
  return (
    exact ??
    longest(hosts, (it) => fits(it, it.startsWith('*') && host.endsWith(it.slice(1)))) ??
    longest(hosts, (it) => fits(it, it.endsWith('*') && host.startsWith(it.slice(0, -1)))) ??
    hosts.find(({ domains }) => domains.includes('*'))
  );
}

function longest(
  hosts: readonly VirtualHost[],
  score: (domain: string) => number,
): VirtualHost | undefined {
  let best: VirtualHost | undefined;
  let most = 0;
  for (const host of hosts)
    for (const domain of host.domains)
      if (score(domain) > most) [best, most] = [host, score(domain)];
  return best;
}

function pathMatches({ match }: Route, path: string): boolean {
  if (match.path !== undefined) return path === match.path;
  if (match.safe_regex) return RE2JS.matches(`(?s).*(?:${match.safe_regex.regex}).*`, path);
  return path.startsWith(match.prefix ?? match.path_separated_prefix ?? '');
}
