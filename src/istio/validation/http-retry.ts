/**
 * Retries of a route.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HttpRetry } from '../kinds/http-route.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { durationProblem } from './scalar.ts';

const CONDITIONS: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

/** Codes that Go's net/http has a text for, as ranges. */
const KNOWN_STATUSES: readonly (readonly [number, number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

export function validateHttpRetry(
  retries: HttpRetry | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!retries) return;
  const attempts = retries.attempts ?? 0;
  if (attempts < 0) findings.error([...path, 'attempts'], 'attempts cannot be negative');
  const configured =
    retries.perTryTimeout !== undefined ||
    Boolean(retries.retryOn) ||
    (retries.retryRemoteLocalities ?? undefined) !== undefined;
  if (attempts === 0 && configured)
    findings.error(path, 'http retry policy configured when attempts are set to 0 (disabled)');
  findings.check([...path, 'perTryTimeout'], durationProblem(retries.perTryTimeout));
  if (retries.retryOn) {
    for (const condition of retries.retryOn.split(',')) {
      if (!CONDITIONS.has(condition) && !isKnownStatus(condition))
        findings.error([...path, 'retryOn'], `${quoted(condition)} is not a valid retryOn policy`);
    }
  }
  findings.check([...path, 'backoff'], durationProblem(retries.backoff));
}

function isKnownStatus(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const status = Number(text);
  return KNOWN_STATUSES.some(([from, to]) => from <= status && status <= to);
}
