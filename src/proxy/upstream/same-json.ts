/** Models whether two resources say the same: equal fields and items, whatever the fields' order. */

export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, i) => sameJson(item, other[i]));
  }
  const fields = Object.keys(one);
  if (fields.length !== Object.keys(other).length) return false;
  return fields.every(
    (field) =>
      field in other &&
      sameJson((one as Record<string, unknown>)[field], (other as Record<string, unknown>)[field]),
  );
}
