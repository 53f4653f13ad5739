import { describe, expect, test } from 'vitest';
import { Message } from '../../src/proxy/config/message.ts';
import { Runtime } from '../../src/proxy/config/runtime.ts';
import { HeaderMap } from '../../src/proxy/http/header-map.ts';
import { compileRetryPolicy } from '../../src/proxy/router/retry-policy.ts';
import { RetryState, takeAskedRetries } from '../../src/proxy/router/retry-state.ts';
import type { UpstreamCluster } from '../../src/proxy/upstream/contract.ts';
import { RandomStream } from '../../src/sim/random.ts';
import { MS } from '../../src/sim/time.ts';

function stateOf(policy: object, allowed = true, headers = new HeaderMap()) {
  const counts = new Map<string, number>();
  const cluster = {
    count: (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1),
    tryAcquireRetry: () => allowed,
    releaseRetry: () => undefined,
  } as unknown as UpstreamCluster;
  const state = new RetryState(
    compileRetryPolicy(new Message(policy)),
    takeAskedRetries(headers),
    cluster,
    'default',
    new RandomStream(7, 'test'),
    new Runtime(),
  );
  return { state, counts };
}

const answer = (status: number, ...more: [string, string][]) =>
  HeaderMap.of([[':status', String(status)], ...more]);

describe('retries', () => {
  test.each([
    ['5xx', 500, true],
    ['gateway-error', 500, false],
    ['gateway-error', 503, true],
    ['retriable-4xx', 409, true],
    ['retriable-4xx', 429, false],
    ['connect-failure', 503, false],
  ])('%s and status %i: %s', (retry_on, status, expected) => {
    expect(stateOf({ retry_on }).state.wouldRetryHeaders(answer(status))).toBe(expected);
  });

  test('an answer that was rate limited is retried only when that is asked for', () => {
    const limited = answer(503, ['x-envoy-ratelimited', 'true']);
    expect(stateOf({ retry_on: '5xx' }).state.wouldRetryHeaders(limited)).toBe(false);
    expect(stateOf({ retry_on: 'envoy-ratelimited' }).state.wouldRetryHeaders(limited)).toBe(true);
  });

  test('a reset is worth a try by 5xx, a connect failure by its own word, overflow never', () => {
    expect(stateOf({ retry_on: '5xx' }).state.afterReset('remote reset', true)).toBe('retry');
    const connect = () => stateOf({ retry_on: 'connect-failure' }).state;
    expect(connect().afterReset('connection timeout', false)).toBe('retry');
    expect(connect().afterReset('remote reset', true)).toBe('no');
    expect(stateOf({ retry_on: '5xx,reset' }).state.afterReset('overflow', false)).toBe('no');
  });

  test('the third try is the last of num_retries: 2', () => {
    const { state, counts } = stateOf({ retry_on: '5xx', num_retries: 2 });
    const verdicts = [503, 503, 503].map((status) => state.afterHeaders(answer(status), 0));
    expect(verdicts).toEqual(['retry', 'retry', 'limit-exceeded']);
    expect(counts.get('upstream_rq_retry_limit_exceeded')).toBe(1);
  });

  test('a breaker that is open refuses the retry', () => {
    expect(stateOf({ retry_on: '5xx' }, false).state.afterHeaders(answer(503), 0)).toBe('overflow');
  });

  test('waits stay below 25, 50, 100, 200, 250, 250 ms', () => {
    const { state } = stateOf({ retry_on: '5xx', num_retries: 9 });
    const bounds = [25, 50, 100, 200, 250, 250];
    for (const bound of bounds) expect(state.backOffUs()).toBeLessThan(bound * MS);
  });

  test('headers of the request add words and set the number', () => {
    const headers = HeaderMap.of([
      ['x-envoy-retry-on', 'gateway-error'],
      ['x-envoy-max-retries', '0'],
    ]);
    const { state } = stateOf({ retry_on: 'reset', num_retries: 5 }, true, headers);
    expect(state.afterHeaders(answer(503), 0)).toBe('limit-exceeded');
    expect(headers.size).toBe(0);
  });
});
