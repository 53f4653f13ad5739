/**
 * Models how a Listener resource becomes a listener: filter chains, TLS contexts, network filters.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto
 */
import type { SocketAddress } from '../../sim/network/address.ts';
import { compileAccessLogs } from '../access-log/access-log.ts';
import { ConfigError } from '../config/config-error.ts';
import { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import type { ManagerCompiler } from '../http/compile-manager.ts';
import { parseIp } from '../matching/ip-range.ts';
import { compileNetworkFilter, HTTP_CONNECTION_MANAGER } from '../network-filters/registry.ts';
import { ServerTlsContext } from '../tls/server-tls.ts';
import type { TlsSurroundings } from '../tls/tls-context.ts';
import type { NetworkFilter } from './downstream-connection.ts';
import { compileChainMatch } from './filter-chain-match.ts';
import { compileListenerFilter } from './inspection.ts';
import { Listener, type FilterChain } from './listener.ts';

export interface ListenerCompiler {
  readonly proxy: ProxyContext;
  readonly tls: TlsSurroundings;
  readonly managers: ManagerCompiler;
}

const DOWNSTREAM_TLS = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
const PLAIN_SOCKETS: ReadonlySet<string> = new Set([
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
  '',
]);

/** Compiles a Listener; throws ConfigError. */
export function compileListener(resource: object, compiler: ListenerCompiler): Listener {
  const message = new Message(resource);
  const address = socketAddress(message.messageOrEmpty('address'));
  const prefix = `listener.${address.ip.replaceAll(':', '_')}_${address.port}.`;
  const name = message.text('name') || `${address.ip}:${address.port}`;
  const chains = message
    .messages('filter_chains')
    .map((chain) => compileChain(chain, compiler, prefix));
  refuseOverlaps(message.messages('filter_chains'), name);
  const fallback = message.message('default_filter_chain');
  const direction = message.text('traffic_direction');
  return new Listener(compiler.proxy, {
    resource,
    name,
    address,
    bindsToPort:
      message.boolean('bind_to_port') ??
      message.message('deprecated_v1')?.boolean('bind_to_port') ??
      true,
    usesOriginalDestination: message.flag('use_original_dst'),
    direction:
      direction === 'INBOUND' ? 'inbound' : direction === 'OUTBOUND' ? 'outbound' : 'unspecified',
    listenerFilters: message.messages('listener_filters').map(compileListenerFilter),
    inspectionTimeoutUs: message.durationUs('listener_filters_timeout'),
    continuesOnTimeout: message.flag('continue_on_listener_filters_timeout'),
    chains,
    defaultChain: fallback && compileChain(fallback, compiler, prefix),
    accessLogs: compileAccessLogs(message),
    connectionsMax: Infinity,
    balancesExactly: message.message('connection_balance_config')?.has('exact_balance') ?? false,
  });
}

function socketAddress(address: Message): SocketAddress {
  const socket = address.messageOrEmpty('socket_address');
  const ip = socket.text('address');
  if (!parseIp(ip)) throw new ConfigError(`malformed IP address: ${ip}`);
  return { ip, port: socket.number('port_value') ?? 0 };
}

function compileChain(chain: Message, compiler: ListenerCompiler, statPrefix: string): FilterChain {
  const filters = chain.messages('filters');
  return {
    name: chain.text('name'),
    resource: chain.json,
    match: compileChainMatch(chain.messageOrEmpty('filter_chain_match')),
    filters: filters.map((filter, i) => compileFilter(filter, i === filters.length - 1, compiler)),
    tls: compileTransport(chain.message('transport_socket'), compiler, statPrefix),
  };
}

function compileFilter(
  filter: Message,
  isLast: boolean,
  compiler: ListenerCompiler,
): NetworkFilter {
  const name = filter.text('name');
  const typed = filter.any('typed_config');
  const type = typed?.type ?? '';
  const compiled =
    typed && type === HTTP_CONNECTION_MANAGER
      ? compiler.managers.compile(typed.message)
      : compileNetworkFilter(name, type, typed?.message ?? new Message({}), compiler.proxy);
  if (compiled.isTerminal && !isLast)
    throw new ConfigError(
      `Error: terminal filter named ${name} of type ${canonicalName(type)} must be the last filter in a network filter chain.`,
    );
  return compiled;
}

function canonicalName(type: string): string {
  const found = /^envoy\.extensions\.filters\.network\.(\w+)\./.exec(type);
  return found ? `envoy.filters.network.${found[1]}` : type;
}

function compileTransport(
  socket: Message | undefined,
  compiler: ListenerCompiler,
  statPrefix: string,
): ServerTlsContext | undefined {
  const typed = socket?.any('typed_config');
  if (!socket || !typed) return undefined;
  if (PLAIN_SOCKETS.has(typed.type)) return undefined;
  if (typed.type !== DOWNSTREAM_TLS)
    throw new ConfigError(
      `Didn't find a registered implementation for '${socket.text('name')}' with type URL: '${typed.type}'`,
    );
  const common = typed.message.messageOrEmpty('common_tls_context');
  if (!common.has('tls_certificates') && !common.has('tls_certificate_sds_secret_configs'))
    throw new ConfigError('No TLS certificates found for server context');
  return new ServerTlsContext(typed.message, compiler.tls, statPrefix);
}

/** Two chains with the same criteria could never both be chosen. */
function refuseOverlaps(chains: readonly Message[], listener: string): void {
  const seen = new Set<string>();
  for (const chain of chains) {
    const match = chain.messageOrEmpty('filter_chain_match').json;
    const names = (match['server_names'] as readonly string[] | undefined) ?? [''];
    for (const name of names) {
      const key = JSON.stringify([name, { ...match, server_names: undefined, name: undefined }]);
      if (seen.has(key))
        throw new ConfigError(
          `error adding listener '${listener}': multiple filter chains with overlapping matching rules are defined`,
        );
      seen.add(key);
    }
  }
}
