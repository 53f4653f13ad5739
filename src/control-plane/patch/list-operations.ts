/**
 * Models operations on an ordered list of filters or routes: into which place a patch goes.
 *
 * Spec: istio pilot/pkg/networking/core/envoyfilter/listener_patch.go.
 */
import type { EnvoyPatch } from './envoy-filters.ts';

export interface ListTarget<T> {
  /** Whether the patch names an element at all; without one, places are the list's ends. */
  readonly hasMatch: boolean;
  readonly matches: (item: T) => boolean;
}

/** `items` after the patch; MERGE is not a matter of places and changes nothing here. */
export function patchList<T>(
  items: readonly T[],
  { operation, value }: EnvoyPatch,
  { hasMatch, matches }: ListTarget<T>,
): readonly T[] {
  const item = value as T;
  const at = items.findIndex(matches);
  switch (operation) {
    case 'ADD':
      return [...items, item];
    case 'INSERT_FIRST':
      return [item, ...items];
    case 'INSERT_BEFORE':
      if (!hasMatch) return [item, ...items];
      return at < 0 ? items : [...items.slice(0, at), item, ...items.slice(at)];
    case 'INSERT_AFTER':
      if (!hasMatch) return [...items, item];
      return at < 0 ? items : [...items.slice(0, at + 1), item, ...items.slice(at + 1)];
    case 'REPLACE':
      return hasMatch && at >= 0 ? items.map((it, i) => (i === at ? item : it)) : items;
    case 'REMOVE':
      return hasMatch ? items.filter((it) => !matches(it)) : items;
    default:
      return items;
  }
}
