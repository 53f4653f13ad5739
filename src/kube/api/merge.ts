/**
 * Models how changes are laid over objects: JSON merge patch, and the three-way merge of apply.
 *
 * Spec: RFC 7386; https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/
 * Simplified: apply replaces a list that changed as a whole, where Kubernetes merges some by name.
 */

type Fields = Record<string, unknown>;

/** RFC 7386: null removes, mappings merge, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Fields = isFields(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], patch[key]);
  }
  return merged;
}

/**
 * What `wanted` makes of `live`: fields that were applied before and are gone are removed, fields
 * that others have set are kept.
 */
export function applyMerge(applied: unknown, wanted: unknown, live: unknown): unknown {
  if (!isFields(wanted) || !isFields(live))
    return applied !== undefined && deepEqual(applied, wanted) && Array.isArray(wanted)
      ? live
      : wanted;
  const before = isFields(applied) ? applied : {};
  const merged: Fields = { ...live };
  for (const key of Object.keys(before)) if (!(key in wanted)) delete merged[key];
  for (const key of Object.keys(wanted)) {
    if (wanted[key] === null || wanted[key] === undefined) delete merged[key];
    else merged[key] = key in live ? applyMerge(before[key], wanted[key], live[key]) : wanted[key];
  }
  return merged;
}

/** Equality of plain data; key order and absent-or-undefined make no difference. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => deepEqual(item, b[at]));
  }
  if (!isFields(a) || !isFields(b)) return Number.isNaN(a) && Number.isNaN(b);
  for (const key of Object.keys(a)) if (!deepEqual(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (a[key] === undefined && b[key] !== undefined) return false;
  return true;
}

/** A copy without one field. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const copy = { ...value };
  delete copy[key];
  return copy;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
