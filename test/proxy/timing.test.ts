import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Message } from '../../src/proxy/config/message.ts';
import { Runtime } from '../../src/proxy/config/runtime.ts';
import { TokenBucket } from '../../src/proxy/filters/local-ratelimit.ts';
import { HeaderMap } from '../../src/proxy/http/header-map.ts';
import { compileRetryPolicy } from '../../src/proxy/router/retry-policy.ts';
import { RetryState, takeAskedRetries, waitAbove } from '../../src/proxy/router/retry-state.ts';
import type { UpstreamCluster } from '../../src/proxy/upstream/contract.ts';
import type { RandomStream } from '../../src/sim/random.ts';
import { HOUR, MS, SECOND } from '../../src/sim/time.ts';
import { sharedFolder } from '../support/shared-data.ts';

interface Vectors {
  readonly jittered_exponential: {
    readonly cases: readonly { base: number; max: number; random: number; expect: number[] }[];
  };
  readonly lower_bound: {
    readonly cases: readonly { m: number; random: number; expect: number }[];
  };
  readonly token_bucket: {
    readonly cases: readonly {
      name: string;
      max: number;
      fill_per_s: number;
      /** When in milliseconds, how many are wanted, is a part enough, how many there are. */
      steps: (readonly [atMs: number, wanted: number, partial: boolean, taken: number])[];
    }[];
  };
  readonly next_token: readonly { max: number; fill_per_s: number; after_exhaust_ms: number }[];
}

const file = sharedFolder('conformance/envoy/timing/backoff_tokenbucket.json');
const vectors = file ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors) : undefined;

/** A bucket that gets `perSecond` tokens a second, also when that is less than one. */
function bucket(max: number, perSecond: number): TokenBucket {
  return new TokenBucket(max, 1, SECOND / perSecond, 0);
}

describe.skipIf(!vectors)("Envoy's own back-off", () => {
  test.each(vectors?.jittered_exponential.cases ?? [])('from $base to $max ms', (one) => {
    const base_interval = `${one.base / 1_000}s`;
    const retry_back_off = { base_interval, max_interval: `${one.max / 1_000}s` };
    const cluster = { count: () => undefined } as unknown as UpstreamCluster;
    const state = new RetryState(
      compileRetryPolicy(new Message({ retry_on: '5xx', retry_back_off })),
      takeAskedRetries(new HeaderMap()),
      cluster,
      'default',
      { uint32: () => one.random } as unknown as RandomStream,
      new Runtime(),
    );
    expect(one.expect.map(() => state.backOffUs() / MS)).toEqual(one.expect);
  });

  test.each(vectors?.lower_bound.cases ?? [])('$m ms at least', ({ m, random, expect: wait }) => {
    expect(waitAbove(m, random)).toBe(wait);
  });
});

describe.skipIf(!vectors)("Envoy's own token bucket", () => {
  test.each(vectors?.token_bucket.cases ?? [])('$name', ({ max, fill_per_s, steps }) => {
    const tokens = bucket(max, fill_per_s);
    for (const [atMs, wanted, partial, taken] of steps)
      expect([atMs, tokens.consume(wanted, partial, atMs * MS)]).toEqual([atMs, taken]);
  });

  test.each(vectors?.next_token ?? [])('$fill_per_s a second: the next', (one) => {
    const tokens = bucket(one.max, one.fill_per_s);
    tokens.consume(one.max, false, 0);
    expect(tokens.take((one.after_exhaust_ms - 1) * MS)).toBe(false);
    expect(tokens.take(one.after_exhaust_ms * MS)).toBe(true);
  });

  test('fills with a token a year at least', () => {
    const tokens = new TokenBucket(1, 1, 1e6 * 365 * 24 * HOUR, 0);
    tokens.take(0);
    expect(tokens.take(364 * 24 * HOUR)).toBe(false);
    expect(tokens.take(366 * 24 * HOUR)).toBe(true);
  });
});
