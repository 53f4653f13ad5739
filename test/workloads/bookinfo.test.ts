import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/sim/time.ts';
import { World } from './world.ts';

const image = (service: string) => ({
  image: `docker.io/istio/examples-bookinfo-${service}:1.20.3`,
});

function bookshop(reviews: string): World {
  return new World({
    productpage: image('productpage-v1'),
    details: image('details-v1'),
    reviews: image(`reviews-${reviews}`),
    ratings: image('ratings-v1'),
  });
}

const PAGE = { url: 'http://productpage:9080/productpage' };

describe('Bookinfo', () => {
  test.each([
    ['v1', undefined],
    ['v2', 'black'],
    ['v3', 'red'],
  ])('reviews %s shows stars of colour %s', (version, color) => {
    const { status, body } = bookshop(version).send(PAGE);
    expect(status).toBe(200);
    expect(/"color":"(\w+)"/.exec(body)?.[1]).toBe(color);
    expect(body).toContain('William Shakespeare');
  });

  test('productpage gives reviews up after 3 s, twice, and says so in a page that is a 200', () => {
    const world = bookshop('v2');
    world.pods.get('ratings')!.impairment.delayUs = 7 * SECOND;
    const { status, body, durationUs } = world.send(PAGE);
    expect(status).toBe(200);
    expect(body).toContain('Sorry, product reviews are currently unavailable for this book.');
    expect(Math.round(durationUs / SECOND)).toBe(6);
  });

  test('reviews v3 waits 2.5 s for ratings, then answers without stars', () => {
    const world = bookshop('v3');
    world.pods.get('ratings')!.impairment.delayUs = 7 * SECOND;
    const { body, durationUs } = world.send(PAGE);
    expect(body).toContain('Ratings service is currently unavailable');
    expect(Math.abs(durationUs - 2.5 * SECOND)).toBeLessThan(100 * MS);
  });

  test('details that fail leave the reviews in the page', () => {
    const world = bookshop('v1');
    world.pods.get('details')!.impairment.errorPerMillion = 1_000_000;
    const { body } = world.send(PAGE);
    expect(body).toContain('Sorry, product details are currently unavailable for this book.');
    expect(body).toContain('Reviewer1');
  });

  test('who has logged in is handed on as end-user', () => {
    const world = bookshop('v1');
    const login = world.send({
      url: 'http://productpage:9080/login',
      method: 'POST',
      body: 'username=jason&passwd=',
    });
    const cookie = login.headers!.get('set-cookie')!.split(';')[0]!;
    expect(cookie).toBe('session=user.jason');
  });

  test('ratings stores what is posted', () => {
    const world = bookshop('v2');
    const url = 'http://ratings:9080/ratings/7';
    world.send({ url, method: 'POST', body: '{"Reviewer1":1}' });
    expect(JSON.parse(world.send({ url }).body)).toEqual({ id: 7, ratings: { Reviewer1: 1 } });
  });
});
