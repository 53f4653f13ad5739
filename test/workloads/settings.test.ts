import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/sim/random.ts';
import { Environment } from '../../src/workloads/environment.ts';
import { durationText, parseDuration } from '../../src/workloads/go-duration.ts';
import { byteLength } from '../../src/workloads/http/outcome.ts';
import { parseUrl, queryOf } from '../../src/workloads/http/url.ts';
import { curlOptions } from '../../src/workloads/commands/curl-options.ts';
import { fortioOptions } from '../../src/workloads/commands/fortio-options.ts';
import { imageName } from '../../src/workloads/registry.ts';
import { percentChoice, weightedStatus } from '../../src/workloads/weighted-choice.ts';

describe("Go's durations", () => {
  test.each([
    ['1.5s', 1_500_000],
    ['50ms', 50_000],
    ['1m30s', 90_000_000],
    ['0', 0],
    ['5', undefined],
    ['s', undefined],
    ['1s x', undefined],
  ])('%s is %s µs', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test('what is printed can be read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 3_600_000_000 }), (duration) => {
        expect(parseDuration(durationText(duration))).toBe(duration);
      }),
    );
  });
});

describe('URLs', () => {
  test.each([
    ['http://b/x?y=1', ['b', 80, 'b', '/x?y=1']],
    ['http://b:8080', ['b', 8080, 'b:8080', '/']],
    ['b.default:81/x', ['b.default', 81, 'b.default:81', '/x']],
    ['https://[::1]/', ['::1', 443, '[::1]', '/']],
  ])('%s', (text, expected) => {
    const url = parseUrl(text)!;
    expect([url.host, url.port, url.authority, url.path]).toEqual(expected);
  });

  test('nothing that is typed makes reading fail', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseUrl(text);
        queryOf(text);
        curlOptions(text.split(' '));
        fortioOptions(text.split(' '));
        percentChoice(text, new RandomStream(1, 'x'));
        weightedStatus(text, new RandomStream(1, 'x'));
      }),
    );
  });
});

test('bytes are counted as UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

test('an environment variable that makes no sense is said, and the default used', () => {
  const said: string[] = [];
  const env = new Environment(new Map([['ERROR_RATE', 'often']]), (line) => said.push(line));
  expect(env.number('ERROR_RATE', 0)).toBe(0);
  expect(said).toEqual(['ERROR_RATE="often" is no number; 0 is used']);
});

test.each([
  ['docker.io/istio/proxyv2:1.30.3', 'proxyv2'],
  ['localhost:5000/team/app@sha256:abc', 'app'],
  ['curlimages/curl', 'curl'],
])('the image %s is %s', (image, name) => {
  expect(imageName(image)).toBe(name);
});

test('percentages that do not fill the hundred leave the rest to the default', () => {
  const random = new RandomStream(3, 'x');
  const failed = Array.from({ length: 1000 }, () => percentChoice('503:10,500:5', random));
  const count = (text: string | undefined) => failed.filter((one) => one === text).length;
  // 850, 100 and 50 expected; four deviations are 45, 38 and 28.
  expect(Math.abs(count(undefined) - 850)).toBeLessThan(45);
  expect(Math.abs(count('503') - 100)).toBeLessThan(38);
  expect(Math.abs(count('500') - 50)).toBeLessThan(28);
});
