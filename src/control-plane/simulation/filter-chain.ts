/**
 * Models the choice of a filter chain in the simulation: criterion by criterion, the best rank stays.
 *
 * Spec: istio pilot/pkg/simulation/traffic.go, matchFilterChain.
 */
import { hostWithin } from '../../istio/host-name.ts';
import type { CidrRange } from '../../xds/resources/address.ts';
import type { FilterChain, FilterChainMatch } from '../../xds/resources/filter-chain.ts';
import { isInPrefix } from '../registry/ip-address.ts';
import type { CallError, FilledCall } from './call.ts';

export function matchFilterChain(
  chains: readonly FilterChain[],
  fallback: FilterChain | undefined,
  call: FilledCall,
  hasTlsInspector: boolean,
): FilterChain | CallError {
  let left = ranked(
    chains,
    (it) => it.destination_port,
    (port) => Number(port === call.port),
  );
  left = ranked(
    left,
    (it) => it.prefix_ranges,
    (ranges) => bestRange(ranges, call.address),
  );
  left = ranked(
    left,
    (it) => it.server_names,
    (names) => bestServerName(names, call.sni),
  );
  left = ranked(
    left,
    (it) => it.transport_protocol,
    (transport) => Number(transportFits(transport, call, hasTlsInspector)),
  );
  left = ranked(
    left,
    (it) => it.application_protocols,
    (protocols) => Number(protocols.includes(call.alpn)),
  );
  if (left.length > 1) return 'ErrMultipleFilterChain';
  return left[0] ?? fallback ?? 'ErrNoFilterChain';
}

/** Chains of the best rank; where none fits, those that do not ask. */
function ranked<T>(
  chains: readonly FilterChain[],
  field: (match: FilterChainMatch) => T | undefined,
  rank: (value: T) => number,
): readonly FilterChain[] {
  const asked = chains.map(({ filter_chain_match: match }) => match && field(match));
  if (asked.every(isUnset)) return chains;
  const ranks = asked.map((value) => (isUnset(value) ? 0 : rank(value as T)));
  const best = Math.max(...ranks);
  return chains.filter((_, at) => (best > 0 ? ranks[at] === best : isUnset(asked[at])));
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === '' || value === 0;
}

function bestRange(ranges: readonly CidrRange[], address: string): number {
  let best = 0;
  for (const { address_prefix: prefix, prefix_len: length = 0 } of ranges)
    if (isInPrefix(address, prefix, length)) best = Math.max(best, length);
  return best;
}

function bestServerName(names: readonly string[], sni: string): number {
  let best = 0;
  for (const name of names) {
    if (name === sni) return Infinity;
    if (hostWithin(sni, name)) best = Math.max(best, name.length);
  }
  return best;
}

function transportFits(transport: string, call: FilledCall, hasTlsInspector: boolean): boolean {
  if (!hasTlsInspector) return transport === 'raw_buffer';
  return (transport === 'raw_buffer') === (call.tls === 'plaintext');
}
