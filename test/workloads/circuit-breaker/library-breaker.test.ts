import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src/sim/random.ts';
import { MS, SECOND } from '../../../src/sim/time.ts';
import type {
  AdmittedCall,
  LibraryBreaker,
  LibraryBreakerChange,
} from '../../../src/workloads/circuit-breaker/library-breaker.ts';
import { MendedCircuitBreaker } from '../../../src/workloads/circuit-breaker/mended-breaker.ts';
import { MumbaiStyleCircuitBreaker } from '../../../src/workloads/circuit-breaker/printed-breaker.ts';
import { World } from '../world.ts';

/** One call of 0.1 s. */
function call(breaker: LibraryBreaker, atUs: number, succeeds: boolean): boolean {
  const admitted = breaker.admit(atUs);
  if (admitted.kind !== 'admitted') return false;
  if (succeeds) breaker.succeed(admitted, atUs + 100 * MS);
  else breaker.fail(admitted, atUs + 100 * MS, 'gateway timeout');
  return true;
}

function fail(breaker: LibraryBreaker, times: number, fromUs = 0): void {
  for (let i = 0; i < times; i++) call(breaker, fromUs + i * SECOND, false);
}

function succeed(breaker: LibraryBreaker, times: number, fromUs = 0): void {
  for (let i = 0; i < times; i++) call(breaker, fromUs + i * SECOND, true);
}

const BOTH = [
  [
    'printed',
    (changes?: LibraryBreakerChange[]) => new MumbaiStyleCircuitBreaker({}, push(changes)),
  ],
  ['mended', (changes?: LibraryBreakerChange[]) => new MendedCircuitBreaker({}, push(changes))],
] as const;

function push(changes: LibraryBreakerChange[] = []): (change: LibraryBreakerChange) => void {
  return (change) => changes.push(change);
}

describe.each(BOTH)('the library breaker, %s', (_, create) => {
  test('nine failures do not open it, the tenth does', () => {
    const breaker = create();
    fail(breaker, 9);
    expect(breaker.state).toBe('CLOSED');
    fail(breaker, 1, 9 * SECOND);
    expect(breaker.state).toBe('OPEN');
  });

  test('open, it refuses at once and says when to come again', () => {
    const breaker = create();
    fail(breaker, 10);
    // The tenth failure was known at 9.1 s; 60 s later the next call may try.
    expect(breaker.admit(10 * SECOND)).toMatchObject({
      kind: 'CircuitBreakerOpenException',
      nextAttemptUs: 69_100 * MS,
    });
    expect(call(breaker, 69_099 * MS, true)).toBe(false);
    expect(call(breaker, 69_100 * MS, true)).toBe(true);
    expect(breaker.state).toBe('HALF_OPEN');
  });

  test('three successes close it, one failure opens it again', () => {
    const changes: LibraryBreakerChange[] = [];
    const breaker = create(changes);
    fail(breaker, 10);
    succeed(breaker, 2, 70 * SECOND);
    fail(breaker, 1, 72 * SECOND);
    expect(breaker.state).toBe('OPEN');
    succeed(breaker, 3, 140 * SECOND);
    expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'CLOSED OPEN',
      'OPEN HALF_OPEN',
      'HALF_OPEN OPEN',
      'OPEN HALF_OPEN',
      'HALF_OPEN CLOSED',
    ]);
    expect(changes[0]!.lastFailures).toHaveLength(5);
    fail(breaker, 4, 150 * SECOND);
    expect(breaker.state).toBe('CLOSED');
  });
});

describe('what is mended', () => {
  test('the printed count leaks by one a success; the mended begins anew', () => {
    const [printed, mended] = [new MumbaiStyleCircuitBreaker(), new MendedCircuitBreaker()];
    for (const breaker of [printed, mended]) {
      fail(breaker, 4);
      succeed(breaker, 1, 4 * SECOND);
      expect(breaker.metrics(5 * SECOND)['failure_count']).toBe(breaker === printed ? 3 : 0);
      succeed(breaker, 9, 5 * SECOND);
      expect(breaker.metrics(14 * SECOND)['failure_count']).toBe(0);
    }
  });

  test('the printed volume remembers calls of yesterday; the mended those of a minute', () => {
    const [printed, mended] = [new MumbaiStyleCircuitBreaker(), new MendedCircuitBreaker()];
    for (const breaker of [printed, mended]) {
      succeed(breaker, 10);
      fail(breaker, 5, 86_400 * SECOND);
    }
    expect([printed.state, mended.state]).toEqual(['OPEN', 'CLOSED']);
  });

  test('half open, the printed lets everybody through; the mended as many as it needs', () => {
    const [printed, mended] = [new MumbaiStyleCircuitBreaker(), new MendedCircuitBreaker()];
    for (const breaker of [printed, mended]) fail(breaker, 10);
    const admitted = (breaker: LibraryBreaker) =>
      Array.from({ length: 50 }, () => breaker.admit(70 * SECOND)).filter(
        ({ kind }) => kind === 'admitted',
      ).length;
    expect([admitted(printed), admitted(mended)]).toEqual([50, 3]);
  });

  test('an answer to a call from before the opening does not close the mended one', () => {
    const mended = new MendedCircuitBreaker();
    const old = Array.from({ length: 3 }, () => mended.admit(0) as AdmittedCall);
    fail(mended, 10);
    expect(mended.admit(70 * SECOND).kind).toBe('admitted');
    for (const call of old) mended.succeed(call, 70 * SECOND);
    expect(mended.state).toBe('HALF_OPEN');
  });

  test('metrics are texts or numbers as printed, numbers when mended', () => {
    const [printed, mended] = [new MumbaiStyleCircuitBreaker(), new MendedCircuitBreaker()];
    expect(printed.metrics()['success_rate']).toBe(0);
    for (const breaker of [printed, mended]) {
      succeed(breaker, 5);
      fail(breaker, 5, 5 * SECOND);
      call(breaker, 15 * SECOND, true);
    }
    expect(printed.metrics()).toMatchObject({
      success_rate: '50.00%',
      avg_response_time: '0.100s',
    });
    expect(printed.metrics()).not.toHaveProperty('rejected_requests');
    expect(mended.metrics(15 * SECOND)).toMatchObject({ rejected_requests: 1, total_requests: 10 });
  });
});

describe('the demo of 20 requests, 30 % of which fail', () => {
  const SEEDS = 20_000;

  function demo(breaker: LibraryBreaker, seed: number, failsPerMillion: number): Set<string> {
    const random = new RandomStream(seed, 'demo');
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      call(breaker, i * 600 * MS, !random.chance(failsPerMillion));
      seen.add(breaker.state);
    }
    return seen;
  }

  /**
   * Bands are four deviations of a share over 20,000 seeds, 4 √(p (1 − p) / 20,000), and half a unit
   * of the share's last digit. In a row: the run ends at the first of the calls that can open it
   * (0.3⁵), or at one of the others, after a success (0.7 × 0.3⁵). A volume threshold of 1 leaves 15
   * others: 0.00243 (1 + 15 × 0.7) = 0.028; of 10, 10 others: 0.019.
   */
  test.each([
    ['printed', 300_000, 10, 0.043, 0.0062],
    ['printed', 500_000, 10, 0.43, 0.019],
    ['printed', 600_000, 10, 0.73, 0.018],
    ['mended', 300_000, 1, 0.028, 0.0052],
    ['mended', 300_000, 10, 0.019, 0.0044],
  ])('%s, failing %i per million, volume %i: opens with probability %f', (...row) => {
    const [kind, rate, requestVolumeThreshold, share, band] = row;
    let [opened, tried] = [0, 0];
    const options = { recoveryTimeoutUs: 30 * SECOND, requestVolumeThreshold };
    for (let seed = 0; seed < SEEDS; seed++) {
      const breaker =
        kind === 'printed'
          ? new MumbaiStyleCircuitBreaker(options)
          : new MendedCircuitBreaker(options);
      const seen = demo(breaker, seed, rate);
      if (seen.has('OPEN')) opened += 1;
      if (seen.has('HALF_OPEN')) tried += 1;
    }
    expect(Math.abs(opened / SEEDS - share)).toBeLessThan(band);
    // It lasts 12 s, and recovery takes 30 s.
    expect(tried).toBe(0);
  });
});

describe('the image', () => {
  const demo = (env: Record<string, string>, seed = 1) =>
    new World(
      { demo: { image: 'library-breaker-demo', env }, pay: { image: 'fake-service' } },
      seed,
    );
  const state = (world: World) =>
    JSON.parse(world.send({ url: 'http://demo:8080/breaker' }).body).state;

  test('runs 20 payments by itself and tells its metrics every fifth', () => {
    const world = demo({});
    world.simulation.runUntil(20 * SECOND);
    const { logged } = world.pods.get('demo')!;
    expect(logged.filter((line) => line.startsWith('Request'))).toHaveLength(20);
    expect(logged.filter((line) => line.startsWith('library breaker: {'))).toHaveLength(4);
    expect(logged.some((line) => /TXN_user_\d+_\d+$/.test(line))).toBe(true);
  });

  test.each([
    ['printed', '30'],
    ['mended', '26'],
  ])('%s: a refused payment is told another way, and to come back in %s s', (kind, seconds) => {
    const world = demo({ LIBRARY_BREAKER: kind, FAILURE_RATE: '1', REQUESTS: '10' });
    world.simulation.runUntil(10 * SECOND);
    const { status, body, headers } = world.send({ url: 'http://demo:8080/process' });
    expect([status, headers?.get('retry-after'), state(world)]).toEqual([503, seconds, 'OPEN']);
    expect(JSON.parse(body).message).toContain('another payment method');
  });

  test('it recovers once the service behind it does', () => {
    const world = demo({ PAYMENT_SERVICE: 'http://pay:9090/', REQUESTS: '0' });
    const pay = () => world.send({ url: 'http://demo:8080/process', method: 'POST' }).status;
    const { impairment } = world.pods.get('pay')!;
    impairment.errorPerMillion = 1_000_000;
    expect(Array.from({ length: 11 }, pay)).toEqual([...Array(10).fill(500), 503]);
    impairment.errorPerMillion = 0;
    world.simulation.runUntil(world.simulation.now + 31 * SECOND);
    expect([pay(), state(world), pay(), pay(), state(world)]).toEqual([
      200,
      'HALF_OPEN',
      200,
      200,
      'CLOSED',
    ]);
  });

  test('without a breaker every failure reaches the client', () => {
    const world = demo({ LIBRARY_BREAKER: 'none', FAILURE_RATE: '1', REQUESTS: '0' });
    const statuses = Array.from(
      { length: 12 },
      () => world.send({ url: 'http://demo:8080/process' }).status,
    );
    expect(new Set(statuses)).toEqual(new Set([500]));
  });
});
