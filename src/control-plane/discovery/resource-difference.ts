/**
 * Models "did anything change?": resources compared by content.
 *
 * Builders share objects between pushes and proxies, so most comparisons end at identity.
 */
import { resourceName, type Resource } from '../../xds/resources/resource.ts';

export interface Difference {
  /** New or different, in the order of `after`. */
  readonly changed: readonly Resource[];
  /** Names that `before` has and `after` has not. */
  readonly removed: readonly string[];
  /** What is in force when `changed` has been taken over: old objects where nothing changed. */
  readonly now: readonly Resource[];
}

/** What `after` changes in `before`; names are unique in each. */
export function differenceOf(before: readonly Resource[], after: readonly Resource[]): Difference {
  if (before === after) return { changed: [], removed: [], now: before };
  const changed: Resource[] = [];
  const now: Resource[] = [];
  let byName: Map<string, Resource> | undefined;
  let kept = 0;
  for (let i = 0; i < after.length; i++) {
    const resource = after[i]!;
    const name = resourceName(resource);
    // Lists mostly stay aligned; only from the first shift on is an index by name worth making.
    let old = before[i];
    if (old !== resource && (old === undefined || resourceName(old) !== name)) {
      byName ??= new Map(before.map((one) => [resourceName(one), one]));
      old = byName.get(name);
    }
    if (old !== undefined) kept += 1;
    if (old !== undefined && sameJson(old, resource)) now.push(old);
    else {
      changed.push(resource);
      now.push(resource);
    }
  }
  return { changed, removed: kept < before.length ? namesMissing(before, after) : [], now };
}

function namesMissing(before: readonly Resource[], after: readonly Resource[]): string[] {
  const left = new Set(after.map(resourceName));
  return before.map(resourceName).filter((name) => !left.has(name));
}

/** `before` with `some` put in place by name; for updates that carry a part of the set. */
export function withReplaced(before: readonly Resource[], some: readonly Resource[]): Resource[] {
  const fresh = new Map(some.map((resource) => [resourceName(resource), resource]));
  const merged = before.map((old) => {
    const name = resourceName(old);
    const replacement = fresh.get(name);
    fresh.delete(name);
    return replacement ?? old;
  });
  return [...merged, ...fresh.values()];
}

/** Equal as JSON values; the order of an object's fields does not matter. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, i) => sameJson(item, other[i]))
    );
  const left = one as Record<string, unknown>;
  const right = other as Record<string, unknown>;
  let fields = 0;
  for (const field in left) {
    if (left[field] === undefined) continue;
    fields += 1;
    if (!sameJson(left[field], right[field])) return false;
  }
  for (const field in right) if (right[field] !== undefined) fields -= 1;
  return fields === 0;
}
