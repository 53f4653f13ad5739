/**
 * Models retry policies: istiod retries twice by default, on failures that cannot have had effect.
 *
 * Spec: istio pilot/pkg/networking/core/route/retry/retry.go.
 */
import type { HttpRetry } from '../../istio/kinds/http-route.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { RetryPolicy } from '../../xds/resources/retry-policy.ts';
import { xdsDuration } from '../duration.ts';
import { without } from '../without.ts';

const DEFAULT_RETRY_ON =
  'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';

const PREVIOUS_HOSTS = [
  {
    name: 'envoy.retry_host_predicates.previous_hosts',
    typed_config: packAny('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
  },
];

const PREVIOUS_PRIORITIES = {
  name: 'envoy.retry_priorities.previous_priorities',
  typed_config: packAny(
    'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
    { update_frequency: 2 },
  ),
};

const DEFAULT: RetryPolicy = {
  num_retries: 2,
  retry_on: DEFAULT_RETRY_ON,
  host_selection_retry_max_attempts: '5',
  retry_host_predicate: PREVIOUS_HOSTS,
};

const DEFAULT_HASHED: RetryPolicy = without(DEFAULT, 'retry_host_predicate');

/** Undefined for `attempts: 0`. Consistent hashing has no other host to go to, so none is avoided. */
export function retryPolicy(
  given: HttpRetry | undefined,
  isHashed: boolean,
): RetryPolicy | undefined {
  const base = isHashed ? DEFAULT_HASHED : DEFAULT;
  if (!given) return base;
  if (!given.attempts || given.attempts <= 0) return undefined;
  const { retry_host_predicate: predicate, ...rest } = base;
  const avoids = given.retryIgnorePreviousHosts ?? predicate !== undefined;
  return {
    ...rest,
    num_retries: given.attempts,
    ...(given.retryOn && retryOn(given.retryOn)),
    ...(given.perTryTimeout !== undefined && { per_try_timeout: xdsDuration(given.perTryTimeout) }),
    ...(avoids && { retry_host_predicate: PREVIOUS_HOSTS }),
    ...(given.retryRemoteLocalities && { retry_priority: PREVIOUS_PRIORITIES }),
    ...(given.backoff !== undefined && {
      retry_back_off: { base_interval: xdsDuration(given.backoff) },
    }),
  };
}

/** Status codes among the conditions go to a list of their own. */
function retryOn(text: string): Pick<RetryPolicy, 'retry_on' | 'retriable_status_codes'> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const codes = parts.filter(isStatusCode);
  let conditions = parts.filter((part) => !isStatusCode(part)).join(',');
  if (codes.length > 0 && !conditions.includes('retriable-status-codes'))
    conditions += ',retriable-status-codes';
  return {
    ...(conditions && { retry_on: conditions }),
    ...(codes.length > 0 && { retriable_status_codes: codes.map(Number) }),
  };
}

/** Those that Go's net/http has a text for. */
const STATUS_CODES: ReadonlySet<number> = new Set([
  100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304,
  305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415,
  416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
  506, 507, 508, 510, 511,
]);

function isStatusCode(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && STATUS_CODES.has(Number(text));
}
