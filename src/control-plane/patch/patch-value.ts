/**
 * Models the values of patches: Envoy messages in JSON, merged as protobuf merges messages.
 *
 * Spec: istio pilot/pkg/model/envoyfilter.go, pkg/config/xds; protobuf, Message.MergeFrom.
 */
import type { EnvoyFilterApplyTo } from '../../istio/kinds/envoy-filter.ts';
import { parseDuration } from '../../xds/duration.ts';
import { originOf, withOrigin } from '../origin.ts';
import { KNOWN_FIELDS } from './known-fields.ts';

export type Message = Readonly<Record<string, unknown>>;

/** With snake_case names and without unknown fields; undefined where a duration is none. */
export function patchValue(applyTo: EnvoyFilterApplyTo, given: Message): Message | undefined {
  const known = KNOWN_FIELDS[applyTo];
  const fields = Object.entries(snakeCased(given) as Message).filter(
    ([field]) => !known || known.includes(field),
  );
  for (const [field, value] of fields)
    if (/_(timeout|interval|rate|jitter)$/.test(field) && typeof value === 'string')
      if (parseDuration(value) === undefined) return undefined;
  return Object.fromEntries(fields);
}

/** Free-form parts keep their spelling. */
const FREE_FORM = new Set(['filter_metadata', 'value']);

/** Maps whose keys are names, not fields. */
const KEYED_BY_NAME = new Set(['typed_per_filter_config']);

function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (!isMessage(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => {
        const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        if (FREE_FORM.has(name)) return [name, inner];
        return [name, KEYED_BY_NAME.has(name) ? valuesSnakeCased(inner) : snakeCased(inner)];
      })
      .filter(([name, inner]) => !(name === 'denominator' && inner === 'HUNDRED')),
  );
}

function valuesSnakeCased(map: unknown): unknown {
  if (!isMessage(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, snakeCased(value)]));
}

/** Lists are joined, messages merged, everything else replaced; a typed Any is replaced whole. */
export function mergeMessages<T extends object>(target: T, patch: Message): T {
  const merged = { ...target } as Record<string, unknown>;
  for (const [field, value] of Object.entries(patch)) {
    const old = merged[field];
    if (Array.isArray(old) && Array.isArray(value)) merged[field] = [...old, ...value];
    else if (isMessage(old) && isMessage(value) && !('@type' in value))
      merged[field] = mergeMessages(old, value);
    else merged[field] = value;
  }
  return withOrigin(merged as T, originOf(target));
}

/** A filter with its typed configuration merged field by field, where the types agree. */
export function mergeFilter<T extends { name: string; typed_config?: object }>(
  filter: T,
  patch: Message,
): T {
  const own = filter.typed_config as Message | undefined;
  const given = patch['typed_config'] as Message | undefined;
  if (!own) return filter;
  const isSameType = given?.['@type'] === own['@type'];
  const typed_config = given && isSameType ? mergeMessages(own, given) : own;
  const name = typeof patch['name'] === 'string' && patch['name'] ? patch['name'] : filter.name;
  return { ...filter, name, typed_config };
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
