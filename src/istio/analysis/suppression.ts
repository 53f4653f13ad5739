/**
 * Messages that nobody wants to see: by annotation on the object, or by request.
 * Spec: https://istio.io/latest/docs/ops/diagnostic-tools/istioctl-analyze/#ignoring-specific-analyzer-messages
 */
import type { Resource } from './resource.ts';

const ANNOTATION = 'galley.istio.io/analyze-suppress';

export interface Suppression {
  /** "IST0102" */
  readonly code: string;
  /** "DestinationRule default/b" or "DestinationRule b.default"; "*" stands for any text. */
  readonly resource: string;
}

/** `IST0102=DestinationRule *.default`; undefined for anything else. */
export function parseSuppression(text: string): Suppression | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) return undefined;
  return { code: text.slice(0, equals).trim(), resource: text.slice(equals + 1).trim() };
}

export function isSuppressed(
  code: string,
  { kind, name, namespace, fullName, annotations }: Resource,
  suppressions: readonly Suppression[],
): boolean {
  const codes = annotations[ANNOTATION]?.split(',') ?? [];
  if (codes.includes('*') || codes.includes(code)) return true;
  const spellings = [`${kind} ${fullName}`, `${kind} ${name}.${namespace}`];
  return suppressions.some(
    (one) => one.code === code && spellings.some((text) => globMatches(one.resource, text)),
  );
}

function globMatches(glob: string, text: string): boolean {
  const parts = glob.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
