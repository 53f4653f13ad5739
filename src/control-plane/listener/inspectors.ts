/**
 * Models which listener filters look at the first bytes of a connection, and on which ports not.
 *
 * Spec: istio pilot/pkg/networking/core/listener_inbound.go, populateListenerFilters.
 */
import type {
  FilterChain,
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
} from '../../xds/resources/filter-chain.ts';
import {
  HTTP_INSPECTOR,
  ORIGINAL_DESTINATION,
  TLS_INSPECTOR,
} from '../filters/listener-filters.ts';

export function inboundListenerFilters(
  chains: readonly FilterChain[],
  bindToPort: boolean,
): ListenerFilter[] {
  const needs = new Map<number, { tls: boolean; http: boolean }>();
  for (const { filter_chain_match: match } of chains) {
    const port = match?.destination_port ?? 0;
    const need = needs.get(port) ?? { tls: false, http: false };
    need.tls ||= match?.transport_protocol === 'tls';
    need.http ||=
      match?.application_protocols?.some((it) => it === 'http/1.1' || it === 'h2c') ?? false;
    needs.set(port, need);
  }
  return [
    ...(bindToPort ? [] : [ORIGINAL_DESTINATION]),
    ...tlsInspector(needs),
    ...httpInspector(needs),
  ];
}

type Needs = ReadonlyMap<number, { readonly tls: boolean; readonly http: boolean }>;

/** Port 0 stands for all others: where those are inspected exceptions are named, else the members. */
function tlsInspector(needs: Needs): ListenerFilter[] {
  if (![...needs.values()].some(({ tls }) => tls)) return [];
  const byDefault = needs.get(0)?.tls ?? false;
  const named = [...needs].filter(([port, { tls }]) => port !== 0 && tls !== byDefault);
  if (named.length === 0) return [TLS_INSPECTOR];
  const ports = portPredicate(named.map(([port]) => port));
  return [{ ...TLS_INSPECTOR, filter_disabled: byDefault ? ports : { not_match: ports } }];
}

function httpInspector(needs: Needs): ListenerFilter[] {
  if (![...needs.values()].some(({ http }) => http)) return [];
  const without = [...needs].filter(([, { http }]) => !http).map(([port]) => port);
  if (without.length === 0) return [HTTP_INSPECTOR];
  return [{ ...HTTP_INSPECTOR, filter_disabled: portPredicate(without) }];
}

function portPredicate(ports: readonly number[]): ListenerFilterChainMatchPredicate {
  const rules = [...ports]
    .sort((a, b) => a - b)
    .map((port) => ({
      destination_port_range: { ...(port > 0 && { start: port }), end: port + 1 },
    }));
  return rules.length === 1 ? rules[0]! : { or_match: { rules } };
}
