/**
 * Models EnvoyFilter patches of listeners, their chains and the filters in these.
 *
 * Spec: istio pilot/pkg/networking/core/envoyfilter/listener_patch.go.
 */
import type { EnvoyListenerMatch } from '../../istio/kinds/envoy-filter.ts';
import type { Any } from '../../xds/resources/any.ts';
import type { Filter, FilterChain } from '../../xds/resources/filter-chain.ts';
import type {
  HttpConnectionManager,
  HttpFilter,
} from '../../xds/resources/http-connection-manager.ts';
import type { Listener } from '../../xds/resources/listener.ts';
import { VIRTUAL_INBOUND, VIRTUAL_OUTBOUND } from '../names.ts';
import { originOf, withOrigin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { hasPatches, patchesFor, type EnvoyPatch, type PatchContext } from './envoy-filters.ts';
import { patchList } from './list-operations.ts';
import { mergeFilter, mergeMessages } from './patch-value.ts';

const HTTP_CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';

/** `adds`: listeners may be added as well; the two virtual ones take no additions. */
export function patchListeners(
  proxy: Proxy,
  context: PatchContext,
  listeners: readonly Listener[],
  adds: boolean,
): Listener[] {
  if (!hasPatches(proxy)) return [...listeners];
  const patched = listeners.flatMap((it) => patchListener(proxy, context, it) ?? []);
  if (!adds) return patched;
  const added = patchesFor(proxy, context, 'LISTENER').filter(
    (it) => it.operation === 'ADD' && !(it.context === 'ANY' && context === 'SIDECAR_INBOUND'),
  );
  return [...patched, ...added.map((it) => withOrigin({ ...it.value } as Listener, it.origin))];
}

function patchListener(proxy: Proxy, context: PatchContext, given: Listener): Listener | undefined {
  let listener = given;
  for (const patch of patchesFor(proxy, context, 'LISTENER')) {
    if (!listenerMatches(listener, patch)) continue;
    if (patch.operation === 'REMOVE') return undefined;
    if (patch.operation === 'MERGE') listener = mergeMessages(listener, patch.value);
  }
  for (const patch of patchesFor(proxy, context, 'LISTENER_FILTER')) {
    if (!listenerMatches(listener, patch)) continue;
    const wanted = patch.match.listener?.listenerFilter;
    const matches = ({ name }: { name: string }) => !wanted || name === wanted;
    const filters = listener.listener_filters ?? [];
    const listener_filters =
      patch.operation === 'MERGE'
        ? filters.map((it) => (matches(it) ? mergeFilter(it, patch.value) : it))
        : [...patchList(filters, patch, { hasMatch: !!wanted, matches })];
    listener = { ...listener, listener_filters };
  }
  const chain = (it: FilterChain) => patchChain(proxy, context, listener, it);
  const added = patchesFor(proxy, context, 'FILTER_CHAIN')
    .filter((it) => it.operation === 'ADD' && listenerMatches(listener, it))
    .map((it) => withOrigin({ ...it.value } as FilterChain, it.origin));
  const { default_filter_chain: last, ...rest } = listener;
  const fallback = last && chain(last);
  return {
    ...rest,
    ...(listener.filter_chains && {
      filter_chains: [...listener.filter_chains.flatMap((it) => chain(it) ?? []), ...added],
    }),
    ...(fallback && { default_filter_chain: fallback }),
  };
}

/** Undefined where a patch removes the chain. */
function patchChain(
  proxy: Proxy,
  context: PatchContext,
  listener: Listener,
  given: FilterChain,
): FilterChain | undefined {
  let chain = given;
  const holds = (patch: EnvoyPatch) =>
    listenerMatches(listener, patch) && chainMatches(listener, chain, patch);
  for (const patch of patchesFor(proxy, context, 'FILTER_CHAIN')) {
    if (!holds(patch)) continue;
    if (patch.operation === 'REMOVE') return undefined;
    if (patch.operation === 'MERGE') chain = mergeMessages(chain, patch.value);
  }
  let filters: readonly Filter[] = chain.filters ?? [];
  const networkPatches = patchesFor(proxy, context, 'NETWORK_FILTER').filter(holds);
  for (const patch of networkPatches) {
    const wanted = filterName(patch);
    const matches = ({ name }: Filter) => !wanted || name === wanted;
    filters = patchList(filters, patch, { hasMatch: !!wanted, matches });
  }
  const httpPatches = patchesFor(proxy, context, 'HTTP_FILTER').filter(holds);
  const patched = filters.map((filter) => {
    let merged = filter;
    for (const patch of networkPatches)
      if (patch.operation === 'MERGE' && (!filterName(patch) || filterName(patch) === merged.name))
        merged = mergeFilter(merged, patch.value);
    return merged.name === HTTP_CONNECTION_MANAGER ? patchHttpFilters(merged, httpPatches) : merged;
  });
  return withOrigin({ ...chain, filters: patched }, originOf(given));
}

function patchHttpFilters(filter: Filter, patches: readonly EnvoyPatch[]): Filter {
  const relevant = patches.filter((it) => !filterName(it) || filterName(it) === filter.name);
  if (relevant.length === 0 || !filter.typed_config) return filter;
  const manager = filter.typed_config as unknown as HttpConnectionManager;
  let filters: readonly HttpFilter[] = manager.http_filters ?? [];
  const named = (patch: EnvoyPatch) => patch.match.listener?.filterChain?.filter?.subFilter?.name;
  for (const patch of relevant) {
    const wanted = named(patch);
    const matches = ({ name }: HttpFilter) => !wanted || name === wanted;
    filters = patchList(filters, patch, { hasMatch: !!wanted, matches });
  }
  const merged = filters.map((it) =>
    relevant
      .filter(({ operation }) => operation === 'MERGE')
      .filter((patch) => !named(patch) || named(patch) === it.name)
      .reduce((whole, patch) => mergeFilter(whole, patch.value), it),
  );
  const typed_config = { ...filter.typed_config, http_filters: merged } as Any;
  return { ...filter, typed_config };
}

function filterName({ match }: EnvoyPatch): string | undefined {
  return match.listener?.filterChain?.filter?.name;
}

function isVirtual({ name }: Listener): boolean {
  return name === VIRTUAL_INBOUND || name === VIRTUAL_OUTBOUND;
}

/** In the virtual listeners a port means the chain's, unless the listener itself is patched. */
function listenerMatches(listener: Listener, { applyTo, match }: EnvoyPatch): boolean {
  const wanted = match.listener;
  if (!wanted) return true;
  if (wanted.name && wanted.name !== listener.name) return false;
  if (applyTo !== 'LISTENER' && isVirtual(listener)) return true;
  if (!wanted.portNumber) return true;
  return listener.address?.socket_address?.port_value === wanted.portNumber;
}

function chainMatches(listener: Listener, chain: FilterChain, { match }: EnvoyPatch): boolean {
  const wanted: EnvoyListenerMatch = match.listener ?? {};
  const own = chain.filter_chain_match ?? {};
  if (isVirtual(listener) && wanted.portNumber && own.destination_port !== wanted.portNumber)
    return false;
  const { name, sni, transportProtocol, applicationProtocols, destinationPort } =
    wanted.filterChain ?? {};
  return (
    (!name || name === chain.name) &&
    (!sni || (own.server_names ?? []).includes(sni)) &&
    (!transportProtocol || transportProtocol === own.transport_protocol) &&
    (!applicationProtocols ||
      applicationProtocols
        .split(',')
        .every((it) => (own.application_protocols ?? []).includes(it.trim()))) &&
    (!destinationPort || destinationPort === own.destination_port)
  );
}
