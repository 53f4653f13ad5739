/**
 * Models the choice of a filter chain: criterion by criterion, each time the most specific ones of
 * what is left, without a way back.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
 */
import type { SocketAddress } from '../../sim/network/address.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import { compileIpRange, isInRange, type IpRange } from '../matching/ip-range.ts';

/** What is known of a connection when its chain is chosen. */
export interface ConnectionFacts {
  readonly destination: SocketAddress;
  readonly source: SocketAddress;
  /** From the TLS inspector; "" without one. */
  readonly serverName: string;
  /** "tls" or "raw_buffer"; the latter, too, when no inspector looked. */
  readonly transportProtocol: string;
  /** ALPN, or what the HTTP inspector found. */
  readonly applicationProtocols: readonly string[];
  /** The peer's own address, whatever a PROXY header says. */
  readonly directSource: SocketAddress;
}

export interface ChainMatch {
  readonly destinationPort: number;
  readonly destinations: readonly IpRange[];
  /** Lower case; a wildcard as ".example.com". */
  readonly serverNames: readonly string[];
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  readonly directSources: readonly IpRange[];
  readonly sourceType: 'any' | 'same-ip-or-loopback' | 'external';
  readonly sources: readonly IpRange[];
  readonly sourcePorts: readonly number[];
}

export function compileChainMatch(match: Message): ChainMatch {
  const type = match.text('source_type');
  return {
    destinationPort: match.number('destination_port') ?? 0,
    destinations: match.messages('prefix_ranges').map(compileIpRange),
    serverNames: match.texts('server_names').map(compileServerName),
    transportProtocol: match.text('transport_protocol'),
    applicationProtocols: match.texts('application_protocols'),
    directSources: match.messages('direct_source_prefix_ranges').map(compileIpRange),
    sourceType:
      type === 'SAME_IP_OR_LOOPBACK'
        ? 'same-ip-or-loopback'
        : type === 'EXTERNAL'
          ? 'external'
          : 'any',
    sources: match.messages('source_prefix_ranges').map(compileIpRange),
    sourcePorts: match.numbers('source_ports'),
  };
}

function compileServerName(name: string): string {
  const lower = name.toLowerCase();
  if (!lower.includes('*')) return lower;
  if (lower.startsWith('*.') && !lower.slice(1).includes('*')) return lower.slice(1);
  throw new ConfigError(`partial wildcards are not supported in "server_names": ${name}`);
}

/** How well a chain meets one criterion; 0: only because it does not ask; -1: not at all. */
type Score = (match: ChainMatch, facts: ConnectionFacts) => number;

/** In Envoy's order. */
const CRITERIA: readonly Score[] = [
  ({ destinationPort }, { destination }) =>
    destinationPort === 0 ? 0 : destinationPort === destination.port ? 1 : -1,
  ({ destinations }, { destination }) => rangeScore(destinations, destination.ip),
  ({ serverNames }, { serverName }) => serverNameScore(serverNames, serverName),
  ({ transportProtocol: wanted }, { transportProtocol }) =>
    wanted === '' ? 0 : wanted === transportProtocol ? 1 : -1,
  ({ applicationProtocols: wanted }, facts) => protocolScore(wanted, facts.applicationProtocols),
  ({ directSources }, { directSource }) => rangeScore(directSources, directSource.ip),
  ({ sourceType }, facts) => sourceTypeScore(sourceType, facts),
  ({ sources }, { source }) => rangeScore(sources, source.ip),
  ({ sourcePorts }, { source }) =>
    sourcePorts.length === 0 ? 0 : sourcePorts.includes(source.port) ? 1 : -1,
];

/** The chain that Envoy picks; undefined when none is left. */
export function chooseChain<Chain extends { readonly match: ChainMatch }>(
  chains: readonly Chain[],
  facts: ConnectionFacts,
): Chain | undefined {
  let left = chains;
  for (const score of CRITERIA) {
    if (left.length === 0) return undefined;
    let best = 0;
    const scores = left.map(({ match }) => score(match, facts));
    for (const one of scores) best = Math.max(best, one);
    left = left.filter((_, i) => scores[i] === best);
  }
  return left[0];
}

function rangeScore(ranges: readonly IpRange[], ip: string): number {
  if (ranges.length === 0) return 0;
  let best = -1;
  for (const range of ranges)
    if (isInRange(range, ip)) best = Math.max(best, range.prefixLength + 1);
  return best;
}

function serverNameScore(names: readonly string[], serverName: string): number {
  if (names.length === 0) return 0;
  const name = serverName.toLowerCase();
  let best = -1;
  for (const one of names) {
    if (one === name && name !== '') return 1000;
    if (one.startsWith('.') && name.endsWith(one)) best = Math.max(best, one.length);
  }
  return best;
}

/** The client's first protocol that some chain wants decides. */
function protocolScore(wanted: readonly string[], offered: readonly string[]): number {
  if (wanted.length === 0) return 0;
  const at = offered.findIndex((protocol) => wanted.includes(protocol));
  return at < 0 ? -1 : offered.length - at;
}

function sourceTypeScore(type: ChainMatch['sourceType'], facts: ConnectionFacts): number {
  if (type === 'any') return 0;
  const { ip } = facts.source;
  const isLocal = ip === facts.destination.ip || ip.startsWith('127.') || ip === '::1';
  return (type === 'same-ip-or-loopback') === isLocal ? 1 : -1;
}
