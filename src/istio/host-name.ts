/**
 * Host names as Istio compares them: exact, or with one wildcard at the front.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/ (`hosts`)
 */

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether some name belongs to both: "*.com" and "*.foo.com" overlap, "*.foo.com" and "foo.com" do not. */
export function hostsOverlap(one: string, other: string): boolean {
  if (isWildcard(one) && isWildcard(other)) {
    const [short, long] = one.length < other.length ? [one, other] : [other, one];
    return long.slice(1).endsWith(short.slice(1));
  }
  if (isWildcard(one)) return other.endsWith(one.slice(1));
  if (isWildcard(other)) return one.endsWith(other.slice(1));
  return one === other;
}

/** Whether every name of `inner` belongs to `outer`. */
export function hostWithin(inner: string, outer: string): boolean {
  if (isWildcard(inner)) {
    return (
      isWildcard(outer) && inner.length >= outer.length && inner.slice(1).endsWith(outer.slice(1))
    );
  }
  return isWildcard(outer) ? inner.endsWith(outer.slice(1)) : inner === outer;
}
