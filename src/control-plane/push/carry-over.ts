/**
 * Models taking over what did not change: of a newly built value, the parts that equal the previous
 * ones are the previous ones, so that whoever compares them later is done at a glance.
 */
import { originOf, withOrigin, type Origin } from '../origin.ts';

/** `fresh`, or as much of `previous` as says the same and comes from the same field of a document. */
export function carryOver<T>(previous: unknown, fresh: T): T {
  if (previous === fresh) return fresh;
  if (typeof previous !== 'object' || typeof fresh !== 'object' || !previous || !fresh)
    return fresh;
  if (Array.isArray(fresh))
    return Array.isArray(previous) ? (carryOverList(previous, fresh) as T) : fresh;
  if (Array.isArray(previous)) return fresh;
  return carryOverObject(previous as Record<string, unknown>, fresh);
}

function carryOverList(
  previous: readonly unknown[],
  fresh: readonly unknown[],
): readonly unknown[] {
  const byName = new Map(previous.map((it) => [nameOf(it), it]));
  const merged = fresh.map((it, index) => carryOver(byName.get(nameOf(it)) ?? previous[index], it));
  const isSame = merged.length === previous.length && merged.every((it, i) => it === previous[i]);
  return isSame ? previous : merged;
}

/** Clusters, hosts, routes and filters are known by name; places shift when one is added. */
function nameOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, cluster_name: cluster } = value as Record<string, unknown>;
  return name ?? cluster;
}

function carryOverObject<T extends object>(previous: Record<string, unknown>, fresh: T): T {
  const merged: Record<string, unknown> = {};
  let isSame = sameOrigin(originOf(previous), originOf(fresh));
  let fields = 0;
  for (const [field, value] of Object.entries(fresh)) {
    merged[field] = carryOver(previous[field], value);
    isSame &&= merged[field] === previous[field];
    fields += 1;
  }
  if (isSame && fields === Object.keys(previous).length) return previous as T;
  return withOrigin(merged as T, originOf(fresh));
}

function sameOrigin(a: Origin | undefined, b: Origin | undefined): boolean {
  if (a === b) return true;
  return (
    a?.kind === b?.kind &&
    a?.namespace === b?.namespace &&
    a?.name === b?.name &&
    a?.path.join() === b?.path.join()
  );
}
