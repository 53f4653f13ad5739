/**
 * Models RetryPolicy: which answers and failures are worth another try, how often, how soon.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
import { MS, type Micros } from '../../sim/time.ts';
import type { Message } from '../config/message.ts';
import { compileHeaderMatcher, type HeaderMatcher } from '../matching/header-matcher.ts';

export type RetryOn =
  | '5xx'
  | 'gateway-error'
  | 'reset'
  | 'reset-before-request'
  | 'connect-failure'
  | 'envoy-ratelimited'
  | 'retriable-4xx'
  | 'refused-stream'
  | 'retriable-status-codes'
  | 'retriable-headers'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable';

export const RETRY_ON: ReadonlySet<string> = new Set<RetryOn>([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
]);

export const RETRY_GRPC_ON: ReadonlySet<string> = new Set<RetryOn>([
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

export interface RetryPolicy {
  readonly retryOn: ReadonlySet<string>;
  readonly retries: number;
  readonly perTryTimeoutUs: Micros | undefined;
  readonly perTryIdleTimeoutUs: Micros | undefined;
  readonly statusCodes: readonly number[];
  readonly retriableHeaders: readonly HeaderMatcher[];
  /** Only requests that match one of these are retried, when there are any. */
  readonly requestHeaders: readonly HeaderMatcher[];
  readonly baseIntervalUs: Micros;
  readonly maxIntervalUs: Micros;
  readonly rateLimited: RateLimitedBackOff | undefined;
  readonly avoidsPreviousHosts: boolean;
  readonly avoidsPreviousPriorities: number;
  readonly hostSelectionAttemptsMax: number;
}

export interface RateLimitedBackOff {
  readonly headers: readonly { readonly name: string; readonly format: 'seconds' | 'timestamp' }[];
  readonly maxIntervalUs: Micros;
}

const PREVIOUS_HOSTS = 'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate';

/** "5xx,reset,503" → known words; numbers are not words of Envoy (istiod takes them out). */
export function parseRetryOn(text: string, known: ReadonlySet<string>): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => known.has(word));
}

export function compileRetryPolicy(policy: Message): RetryPolicy {
  const text = policy.text('retry_on');
  const backOff = policy.message('retry_back_off');
  const baseIntervalUs = backOff?.durationUs('base_interval') ?? 25 * MS;
  const priority = policy.message('retry_priority')?.any('typed_config');
  return {
    retryOn: new Set([...parseRetryOn(text, RETRY_ON), ...parseRetryOn(text, RETRY_GRPC_ON)]),
    retries: policy.number('num_retries') ?? 1,
    perTryTimeoutUs: policy.durationUs('per_try_timeout'),
    perTryIdleTimeoutUs: policy.durationUs('per_try_idle_timeout'),
    statusCodes: policy.numbers('retriable_status_codes'),
    retriableHeaders: policy.messages('retriable_headers').map(compileHeaderMatcher),
    requestHeaders: policy.messages('retriable_request_headers').map(compileHeaderMatcher),
    baseIntervalUs,
    maxIntervalUs: backOff?.durationUs('max_interval') ?? 10 * baseIntervalUs,
    rateLimited: compileRateLimitedBackOff(policy.message('rate_limited_retry_back_off')),
    avoidsPreviousHosts: policy
      .messages('retry_host_predicate')
      .some((predicate) => predicate.any('typed_config')?.type === PREVIOUS_HOSTS),
    avoidsPreviousPriorities: priority?.message.number('update_frequency') ?? 0,
    hostSelectionAttemptsMax: policy.number('host_selection_retry_max_attempts') ?? 1,
  };
}

function compileRateLimitedBackOff(message: Message | undefined): RateLimitedBackOff | undefined {
  if (!message) return undefined;
  return {
    headers: message.messages('reset_headers').map((header) => ({
      name: header.text('name').toLowerCase(),
      format: header.text('format') === 'UNIX_TIMESTAMP' ? 'timestamp' : 'seconds',
    })),
    maxIntervalUs: message.durationUs('max_interval') ?? 300_000 * MS,
  };
}
