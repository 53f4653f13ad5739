/**
 * Models how hosts with a leading star overlap.
 *
 * Spec: istio pkg/config/host/name.go, Matches and SubsetOf.
 */

/** Whether some name is meant by both. */
export function hostMatches(a: string, b: string): boolean {
  if (a.startsWith('*') && b.startsWith('*'))
    return a.slice(1).endsWith(b.slice(1)) || b.slice(1).endsWith(a.slice(1));
  if (a.startsWith('*')) return b.endsWith(a.slice(1));
  return b.startsWith('*') ? a.endsWith(b.slice(1)) : a === b;
}

/** Whether every name meant by `inner` is meant by `outer`. */
export function hostSubsetOf(inner: string, outer: string): boolean {
  if (outer.startsWith('*')) return inner.replace(/^\*/, '').endsWith(outer.slice(1));
  return inner === outer;
}
