import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/sim/time.ts';
import { curl } from '../../src/workloads/commands/curl.ts';
import { fortio } from '../../src/workloads/commands/fortio.ts';
import { World } from './world.ts';

describe('fake-service', () => {
  const web = {
    image: 'nicholasjackson/fake-service:v0.26.2',
    env: { NAME: 'web', UPSTREAM_URIS: 'http://api:9090', MESSAGE: 'namaste' },
  };

  test('reports its upstreams inside its own answer', () => {
    const api = { image: 'nicholasjackson/fake-service', env: { NAME: 'api' } };
    const { status, body } = new World({ web, api }).send({ url: 'http://web:9090/' });
    const report = JSON.parse(body);
    expect([status, report.name, report.body, report.code]).toEqual([200, 'web', 'namaste', 200]);
    expect(report.upstream_calls['http://api:9090'].name).toBe('api');
  });

  test('an upstream that fails makes it answer 500', () => {
    const api = { image: 'fake-service', env: { ERROR_RATE: '1', ERROR_CODE: '503' } };
    const { status, body } = new World({ web, api }).send({ url: 'http://web:9090/' });
    expect([status, JSON.parse(body).upstream_calls['http://api:9090'].code]).toEqual([500, 503]);
  });

  test('works as long as its percentiles say', () => {
    const env = { TIMING_50_PERCENTILE: '20ms', TIMING_90_PERCENTILE: '40ms' };
    const world = new World({ slow: { image: 'fake-service', env } });
    const times = Array.from({ length: 200 }, () =>
      Math.floor(world.send({ url: 'http://slow:9090/' }).durationUs / MS),
    );
    const slow = times.filter((time) => time >= 40).length;
    // Half of the requests take 20 ms, the rest 40 ms: 100 of 200, within four deviations (28).
    expect(Math.abs(slow - 100)).toBeLessThan(28);
    expect(Math.min(...times)).toBe(20);
  });
});

describe('go-httpbin', () => {
  const world = new World({ bin: { image: 'docker.io/mccutchen/go-httpbin:v2.15.0', port: 8080 } });
  test.each([
    ['/status/418', 418],
    ['/get?a=1', 200],
    ['/delay/1', 200],
    ['/nowhere', 404],
    ['/status/abc', 400],
  ])('%s answers %d', (path, status) => {
    expect(world.send({ url: `http://bin:8080${path}` }).status).toBe(status);
  });

  test('/headers says back what it got', () => {
    const { body } = world.send({ url: 'http://bin:8080/headers', headers: [['X-A', '1']] });
    expect(JSON.parse(body).headers['x-a']).toEqual(['1']);
  });

  test('/bytes/N has N bytes', () => {
    expect(world.send({ url: 'http://bin:8080/bytes/33' }).body).toHaveLength(33);
  });
});

describe('fortio', () => {
  test('the server echoes, waits and fails as the query says', () => {
    const world = new World({ f: { image: 'fortio/fortio', args: ['server'] } });
    const outcome = world.send({
      url: 'http://f:8080/?status=503&delay=50ms',
      method: 'POST',
      body: 'hello',
    });
    expect([outcome.status, outcome.body]).toEqual([503, 'hello']);
    expect(outcome.durationUs).toBeGreaterThan(50 * MS);
  });

  test('load keeps its rate and counts codes', () => {
    const world = new World({ f: { image: 'fortio/fortio', args: ['server'] } });
    const { output } = world.run(fortio, 'load -c 2 -qps 10 -t 2s http://f:8080/'.split(' '));
    expect(output).toContain('Code 200 : 20 (100.0 %)');
    const started = 'load -c 3 -qps 0 -n 50 http://f:8080/?status=503'.split(' ');
    expect(world.run(fortio, started).output).toContain('Code 503 : 50 (100.0 %)');
  });
});

describe('curl', () => {
  const world = new World({ bin: { image: 'go-httpbin', port: 80 } });
  test.each([
    [['-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://bin/status/204'], '204', 0],
    [['http://nobody/'], 'curl: (6) Could not resolve host: nobody\n', 6],
    [['-sS', '-m', '1', 'http://bin/delay/5'], 'curl: (28) Operation timed out', 28],
    [['-sf', 'http://bin/status/503'], '', 22],
    [['--nonsense'], 'curl: option --nonsense: is unknown\n', 2],
    [['http://bin:81/'], 'curl: (7) Failed to connect to bin port 81', 7],
  ])('%j', (argv, output, exitCode) => {
    const result = world.run(curl, argv);
    expect(result.exitCode).toBe(exitCode);
    expect(result.output.startsWith(output)).toBe(true);
  });
});

describe('order-service', () => {
  const fake = (port: number) => ({
    image: 'fake-service',
    env: { LISTEN_ADDR: `0.0.0.0:${port}` },
  });
  const shop = () =>
    new World({
      order: { image: 'meshwala/order-service:1.0', port: 8080 },
      'user-service': fake(8080),
      'inventory-service': fake(8080),
      'payment-service': fake(8080),
    });
  const ORDER = { url: 'http://order:8080/orders', method: 'POST', body: '{"user_id":"42"}' };

  test('an order goes through user, inventory and payment', () => {
    expect(JSON.parse(shop().send(ORDER).body)).toEqual({ order_id: '12345', status: 'success' });
  });

  test('a user service that never answers costs 3 x 5 s and the sleeps of 1 s and 2 s', () => {
    const world = shop();
    world.pods.get('user-service')!.impairment.delayUs = 60 * SECOND;
    const { status, body, durationUs } = world.send(ORDER);
    expect([status, JSON.parse(body).error]).toEqual([500, 'User service unavailable']);
    expect(Math.round(durationUs / SECOND)).toBe(18);
  });
});

test('an unknown image echoes, with a warning', () => {
  const world = new World({ what: { image: 'example.com/team/what:3', port: 7000 } });
  expect(JSON.parse(world.send({ url: 'http://what:7000/x' }).body).path).toBe('/x');
  expect(world.pods.get('what')!.logged[0]).toContain('"example.com/team/what:3" is not known');
});
