/**
 * Models which EnvoyFilter patches are for a proxy, in the order in which they are applied.
 *
 * Spec: istio pilot/pkg/model/{push_context,envoyfilter}.go, EnvoyFilters, proxyMatch. Simplified:
 * values are read leniently (top-level fields that Envoy does not know are dropped).
 */
import { RE2JS } from 're2js';
import type {
  EnvoyConfigMatch,
  EnvoyConfigPatch,
  EnvoyFilter,
  EnvoyFilterApplyTo,
  EnvoyFilterOperation,
} from '../../istio/kinds/envoy-filter.ts';
import { byAge, namespaceOf, selects } from '../config.ts';
import { originIn, type Origin } from '../origin.ts';
import type { Proxy } from '../proxy.ts';
import { patchValue, type Message } from './patch-value.ts';

export type PatchContext = 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';

export interface EnvoyPatch {
  readonly applyTo: EnvoyFilterApplyTo;
  readonly context: PatchContext | 'ANY';
  readonly match: EnvoyConfigMatch;
  readonly operation: EnvoyFilterOperation;
  readonly value: Message;
  readonly origin: Origin;
}

/** What a proxy says of its version where it says nothing. */
const OWN_VERSION = '1.30.3';

/** The patches of one kind that hold in this context. */
export function patchesFor(
  proxy: Proxy,
  context: PatchContext,
  applyTo: EnvoyFilterApplyTo,
): readonly EnvoyPatch[] {
  return allPatches(proxy).filter(
    (it) => it.applyTo === applyTo && (it.context === context || it.context === 'ANY'),
  );
}

export function hasPatches(proxy: Proxy): boolean {
  return allPatches(proxy).length > 0;
}

function allPatches(proxy: Proxy): readonly EnvoyPatch[] {
  const cache = proxy.push.cache<Proxy, readonly EnvoyPatch[]>('envoy-patches');
  let patches = cache.get(proxy);
  if (!patches) cache.set(proxy, (patches = collect(proxy)));
  return patches;
}

function collect(proxy: Proxy): EnvoyPatch[] {
  const { rootNamespace } = proxy.push.mesh;
  const isRoot = (it: EnvoyFilter) => namespaceOf(it) === rootNamespace;
  return proxy.push
    .configs('EnvoyFilter')
    .filter((it) => isRoot(it) || namespaceOf(it) === proxy.node.namespace)
    .filter(({ spec }) => selects(spec.workloadSelector?.labels, proxy.labels))
    .sort(
      (a, b) =>
        (a.spec.priority ?? 0) - (b.spec.priority ?? 0) ||
        Number(isRoot(b)) - Number(isRoot(a)) ||
        byAge(a, b),
    )
    .flatMap((filter) =>
      (filter.spec.configPatches ?? []).flatMap((patch, index) =>
        isForProxy(patch, proxy) ? (read(filter, patch, index) ?? []) : [],
      ),
    );
}

function isForProxy({ match }: EnvoyConfigPatch, { node }: Proxy): boolean {
  const { proxyVersion, metadata } = match?.proxy ?? {};
  const stated = node.metadata['ISTIO_VERSION'];
  const version = typeof stated === 'string' ? stated : OWN_VERSION;
  if (proxyVersion && !RE2JS.compile(proxyVersion).matcher(version).find()) return false;
  for (const key in metadata) if (node.metadata[key] !== metadata[key]) return false;
  return true;
}

/** Undefined for a value that Envoy's API cannot read. */
function read(
  filter: EnvoyFilter,
  { applyTo = 'INVALID', match = {}, patch = {} }: EnvoyConfigPatch,
  index: number,
): EnvoyPatch[] | undefined {
  const value = patchValue(applyTo, patch.value ?? {});
  if (!value) return undefined;
  const context = match.context ?? 'ANY';
  if (context === 'WAYPOINT') return undefined;
  return [
    {
      applyTo,
      context,
      match,
      operation: patch.operation ?? 'INVALID',
      value,
      origin: originIn(filter, 'spec', 'configPatches', index),
    },
  ];
}
