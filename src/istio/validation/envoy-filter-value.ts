/**
 * The xDS object in an EnvoyFilter's patch: unknown types, unknown fields, missing typed_config.
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/api
 * Simplified: top-level fields are known for the objects patches are about; of extensions, filters
 * are known by name.
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { EnvoyFilterApplyTo } from '../kinds/envoy-filter.ts';
import { durationNanoseconds } from '../kinds/duration.ts';
import { knownExtension, PATCHED_MESSAGES } from './envoy-messages.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

type Fields = Readonly<Record<string, unknown>>;

const NAMED_FILTERS: ReadonlySet<EnvoyFilterApplyTo> = new Set([
  'HTTP_FILTER',
  'NETWORK_FILTER',
  'LISTENER_FILTER',
]);

export function validatePatchValue(
  applyTo: EnvoyFilterApplyTo,
  value: Fields | undefined,
  path: ValuePath,
  findings: Findings,
): void {
  if (!value) return;
  const unknownType = typeUrls(value).find((url) => !knownExtension(url));
  if (unknownType !== undefined) {
    const hint = unknownType.includes('.v2.') ? ' (hint: try using the v3 XDS API)' : '';
    findings.error(
      path,
      `referenced type unknown${hint}: Envoy filter: could not resolve Any message type: ${unknownType}`,
    );
    return;
  }
  const message = PATCHED_MESSAGES[applyTo];
  if (!message) return;
  for (const field of message.durations) {
    const text = value[field];
    if (typeof text === 'string' && durationNanoseconds(text) === undefined) {
      findings.error(
        [...path, field],
        `Envoy filter: bad Duration: time: invalid duration ${quoted(text)}`,
      );
      return;
    }
  }
  const unknown = Object.keys(value).find((field) => !message.fields.has(snakeCase(field)));
  if (unknown !== undefined)
    findings.warn(
      [...path, unknown],
      `Envoy filter: unknown field ${quoted(unknown)} in ${message.name}`,
    );
  else if (NAMED_FILTERS.has(applyTo) && !isTyped(value))
    findings.warn(
      path,
      `using deprecated types by name without typed_config; ${String(value['name'] ?? '')}`,
    );
}

function isTyped(value: Fields): boolean {
  return ['typed_config', 'typedConfig', 'config_discovery', 'configDiscovery'].some(
    (field) => field in value,
  );
}

/** All "@type" texts inside, in order. */
function typeUrls(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === '@type' && typeof item === 'string') return [item];
    if (key === '@type') return textsIn(item);
    return typeUrls(item);
  });
}

/** A type wrapped as protobuf's Struct spells it. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
