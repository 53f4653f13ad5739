/**
 * Models the retries of one request: is another try allowed, and when.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter.
 * The wait is `random % next`, where next starts at the base interval and doubles up to the
 * maximum: the documents' (2^N - 1) formula is not what the code does.
 */
import { MS, SECOND, wallClockMs, type Micros } from '../../sim/time.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Runtime } from '../config/runtime.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileHeaderMatcher, type HeaderMatcher } from '../matching/header-matcher.ts';
import { Message } from '../config/message.ts';
import type { Priority, ResetReason, UpstreamCluster } from '../upstream/contract.ts';
import {
  parseRetryOn,
  RETRY_GRPC_ON,
  RETRY_ON,
  type RetryOn,
  type RetryPolicy,
} from './retry-policy.ts';

export type RetryVerdict = 'no' | 'retry' | 'limit-exceeded' | 'overflow';

const NO_WORDS: ReadonlySet<string> = new Set();

/** The first list itself when there is nothing to add: no request pays for what none asked. */
function joined<T>(first: readonly T[] | undefined, more: readonly T[]): readonly T[] {
  if (first === undefined) return more;
  return more.length === 0 ? first : [...first, ...more];
}

const GRPC_WORDS: Readonly<Record<string, RetryOn>> = {
  '1': 'cancelled',
  '4': 'deadline-exceeded',
  '13': 'internal',
  '8': 'resource-exhausted',
  '14': 'unavailable',
};

export class RetryState {
  readonly policy: RetryPolicy | undefined;
  readonly #retryOn: ReadonlySet<string>;
  readonly #statusCodes: readonly number[];
  readonly #retriableHeaders: readonly HeaderMatcher[];
  readonly #cluster: UpstreamCluster;
  readonly #priority: Priority;
  readonly #random: RandomStream;
  readonly #runtime: Runtime;
  #left: number;
  #nextUs: Micros;
  /** One of the cluster's concurrent retries is ours until the next verdict. */
  #holdsRetry = false;
  /** How long the answer asked us to wait. */
  #resetIntervalUs: Micros | undefined = undefined;

  constructor(
    policy: RetryPolicy | undefined,
    asked: AskedRetries,
    cluster: UpstreamCluster,
    priority: Priority,
    random: RandomStream,
    runtime: Runtime,
  ) {
    this.policy = policy;
    this.#retryOn =
      asked.retryOn.length > 0
        ? new Set([...(policy?.retryOn ?? []), ...asked.retryOn])
        : (policy?.retryOn ?? NO_WORDS);
    this.#statusCodes = joined(policy?.statusCodes, asked.statusCodes);
    this.#retriableHeaders = joined(policy?.retriableHeaders, asked.headers);
    this.#cluster = cluster;
    this.#priority = priority;
    this.#random = random;
    this.#runtime = runtime;
    this.#left = asked.retries ?? policy?.retries ?? 1;
    this.#nextUs = policy?.baseIntervalUs ?? 25 * MS;
  }

  afterHeaders(headers: HeaderMap, now: Micros): RetryVerdict {
    const retriable = this.wouldRetryHeaders(headers);
    if (retriable) this.#resetIntervalUs = this.#askedWaitUs(headers, now);
    return this.#decide(retriable);
  }

  afterReset(reason: ResetReason, requestStarted: boolean): RetryVerdict {
    return this.#decide(this.#wouldRetryReset(reason, requestStarted));
  }

  wouldRetryHeaders(headers: HeaderMap): boolean {
    const on = this.#retryOn;
    if (headers.has('x-envoy-ratelimited')) return on.has('envoy-ratelimited');
    const status = Number(headers.get(':status'));
    if (on.has('5xx') && status >= 500 && status < 600) return true;
    if (on.has('gateway-error') && status >= 502 && status <= 504) return true;
    if (on.has('retriable-4xx') && status === 409) return true;
    if (on.has('retriable-status-codes') && this.#statusCodes.includes(status)) return true;
    if (on.has('retriable-headers') && this.#retriableHeaders.some((one) => one.matches(headers)))
      return true;
    const grpc = headers.get('grpc-status');
    const word = grpc === undefined ? undefined : GRPC_WORDS[grpc];
    return word !== undefined && on.has(word);
  }

  #wouldRetryReset(reason: ResetReason, requestStarted: boolean): boolean {
    const on = this.#retryOn;
    if (reason === 'overflow') return false;
    if (CONNECT_FAILURES.has(reason) && on.has('connect-failure')) return true;
    if (on.has('reset-before-request') && !requestStarted) return true;
    if (on.has('reset') || on.has('5xx') || on.has('gateway-error')) return true;
    return on.has('refused-stream') && reason === 'remote refused stream reset';
  }

  #decide(wouldRetry: boolean): RetryVerdict {
    const cluster = this.#cluster;
    if (this.#holdsRetry && !wouldRetry) cluster.count('upstream_rq_retry_success');
    this.release();
    if (!wouldRetry) return 'no';
    if (this.#left === 0) {
      cluster.count('upstream_rq_retry_limit_exceeded');
      return 'limit-exceeded';
    }
    this.#left -= 1;
    if (!cluster.tryAcquireRetry(this.#priority)) {
      cluster.count('upstream_rq_retry_overflow');
      return 'overflow';
    }
    this.#holdsRetry = true;
    const enabledPercent = this.#runtime.number('upstream.use_retry', 100);
    if (enabledPercent < 100 && this.#random.below(100) >= enabledPercent) {
      this.release();
      return 'no';
    }
    cluster.count('upstream_rq_retry');
    return 'retry';
  }

  /** How long to wait before the try that was just allowed. */
  backOffUs(): Micros {
    if (this.#resetIntervalUs !== undefined) {
      const wait = this.#resetIntervalUs;
      this.#resetIntervalUs = undefined;
      this.#cluster.count('upstream_rq_retry_backoff_ratelimited');
      return MS * waitAbove(Math.floor(wait / MS), this.#random.uint32());
    }
    this.#cluster.count('upstream_rq_retry_backoff_exponential');
    const next = Math.max(1, Math.floor(this.#nextUs / MS));
    const most = this.policy?.maxIntervalUs ?? 250 * MS;
    this.#nextUs = Math.min(2 * this.#nextUs, most);
    return MS * (this.#random.uint32() % next);
  }

  release(): void {
    if (!this.#holdsRetry) return;
    this.#holdsRetry = false;
    this.#cluster.releaseRetry(this.#priority);
  }

  /** Of Retry-After, X-RateLimit-Reset and the like, when the policy names them. */
  #askedWaitUs(headers: HeaderMap, now: Micros): Micros | undefined {
    const rateLimited = this.policy?.rateLimited;
    if (!rateLimited) return undefined;
    for (const { name, format } of rateLimited.headers) {
      const value = headers.get(name);
      if (value === undefined || !/^\d+$/.test(value)) continue;
      const wait =
        format === 'seconds'
          ? Number(value) * SECOND
          : Number(value) * SECOND - wallClockMs(now) * MS;
      if (wait > 0 && wait <= rateLimited.maxIntervalUs) return wait;
    }
    return undefined;
  }
}

/** Between the least and one and a half times of it, in the unit of `least`. */
export function waitAbove(least: number, random: number): number {
  return least + (random % Math.max(1, Math.floor(least / 2)));
}

const CONNECT_FAILURES: ReadonlySet<ResetReason> = new Set([
  'local connection failure',
  'remote connection failure',
  'connection timeout',
]);

export interface AskedRetries {
  readonly retryOn: readonly string[];
  readonly retries: number | undefined;
  readonly statusCodes: readonly number[];
  readonly headers: readonly HeaderMatcher[];
}

const NOTHING_ASKED: AskedRetries = {
  retryOn: [],
  retries: undefined,
  statusCodes: [],
  headers: [],
};

const ASKING: ReadonlySet<string> = new Set([
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
]);

/** One walk over the names: nearly no request asks. */
function asksForRetries(headers: HeaderMap): boolean {
  for (let i = 0; i < headers.size; i++) {
    const name = headers.nameAt(i);
    if (name.charCodeAt(0) === 120 && ASKING.has(name)) return true;
  }
  return false;
}

/** Reads and removes the x-envoy-* headers that ask for retries. */
export function takeAskedRetries(headers: HeaderMap): AskedRetries {
  if (!asksForRetries(headers)) return NOTHING_ASKED;
  const take = (name: string): string | undefined => {
    const value = headers.get(name);
    if (value !== undefined) headers.remove(name);
    return value;
  };
  const retryOn = parseRetryOn(take('x-envoy-retry-on') ?? '', RETRY_ON);
  retryOn.push(...parseRetryOn(take('x-envoy-retry-grpc-on') ?? '', RETRY_GRPC_ON));
  const retries = take('x-envoy-max-retries');
  const codes = take('x-envoy-retriable-status-codes') ?? '';
  const names = take('x-envoy-retriable-header-names') ?? '';
  return {
    retryOn,
    retries: retries !== undefined && /^\d+$/.test(retries) ? Number(retries) : undefined,
    statusCodes: codes
      .split(',')
      .map(Number)
      .filter((code) => code > 0),
    headers: names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => compileHeaderMatcher(new Message({ name, present_match: true }))),
  };
}
