/**
 * Models a filter chain before it is written: what it matches and what it does.
 *
 * Spec: istio pilot/pkg/networking/core/listener.go, filterChainOpts.
 */
import type { FilterChain, FilterChainMatch, Filter } from '../../xds/resources/filter-chain.ts';
import type { Metadata } from '../../xds/resources/metadata.ts';
import type { DownstreamTlsContext } from '../../xds/resources/transport-socket.ts';
import type { CidrRange } from '../../xds/resources/address.ts';
import type { Origin } from '../origin.ts';
import { leadingBits, parseCidr } from '../registry/ip-address.ts';
import type { HttpOptions } from './http-connection-manager.ts';

export interface ChainOptions {
  readonly sniHosts?: readonly string[];
  readonly destinationCidrs?: readonly string[];
  readonly applicationProtocols?: readonly string[];
  readonly transportProtocol?: string;
  readonly tlsContext?: DownstreamTlsContext;
  readonly metadata?: Metadata;
  readonly origin?: Origin;
  /** Either an HTTP connection manager … */
  readonly http?: HttpOptions;
  /** … or network filters. */
  readonly filters?: readonly Filter[];
}

export const PLAINTEXT_HTTP_ALPN = ['http/1.1', 'h2c'];

export function matchesAll(chain: ChainOptions): boolean {
  const { sniHosts = [], applicationProtocols = [], destinationCidrs = [] } = chain;
  return (
    (sniHosts.length === 0 || sniHosts.includes('*')) &&
    applicationProtocols.length === 0 &&
    !chain.transportProtocol &&
    destinationCidrs.length === 0
  );
}

/** Undefined for a chain that takes everything. */
export function chainMatch(chain: ChainOptions): FilterChainMatch | undefined {
  if (matchesAll(chain)) return undefined;
  const { sniHosts = [], destinationCidrs = [], applicationProtocols = [] } = chain;
  const ranges = [...destinationCidrs]
    .sort()
    .flatMap((it) => cidrRange(it) ?? [])
    .filter(({ address_prefix }) => address_prefix !== '0.0.0.0');
  return {
    ...(applicationProtocols.length > 0 && { application_protocols: [...applicationProtocols] }),
    ...(chain.transportProtocol && { transport_protocol: chain.transportProtocol }),
    ...(sniHosts.length > 0 && !sniHosts.includes('*') && { server_names: [...sniHosts].sort() }),
    ...(ranges.length > 0 && { prefix_ranges: ranges }),
  };
}

export function cidrRange(text: string): CidrRange | undefined {
  const cidr = parseCidr(text);
  return cidr && { address_prefix: cidr.address, prefix_len: cidr.length };
}

/** Envoy refuses two chains of one match; of such the earlier stays. */
export function sameMatch(a: ChainOptions, b: ChainOptions): boolean {
  return (
    (a.transportProtocol ?? '') === (b.transportProtocol ?? '') &&
    (a.applicationProtocols ?? []).join() === (b.applicationProtocols ?? []).join() &&
    sameSet(withoutStar(a.sniHosts), withoutStar(b.sniHosts)) &&
    sameSet(normalCidrs(a.destinationCidrs), normalCidrs(b.destinationCidrs))
  );
}

function withoutStar(hosts: readonly string[] | undefined): Set<string> {
  return new Set((hosts ?? []).filter((host) => host !== '*'));
}

function normalCidrs(cidrs: readonly string[] | undefined): Set<string> {
  const found = (cidrs ?? []).flatMap((it) => parseCidr(it) ?? []);
  return new Set(
    found
      .filter((it) => it.address !== '0.0.0.0')
      .map((it) => `${leadingBits(it.address, it.length)}/${it.length}`),
  );
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((it) => b.has(it));
}

/** A gateway waits this long for a TLS handshake. */
export const TRANSPORT_SOCKET_CONNECT_TIMEOUT: Pick<
  FilterChain,
  'transport_socket_connect_timeout'
> = { transport_socket_connect_timeout: '15s' };
