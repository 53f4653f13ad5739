/**
 * Models Istio's Bookinfo, service ratings: stars for a book, and, by SERVICE_VERSION, four ways of
 * being a bad service.
 *
 * Spec: istio/istio samples/bookinfo/src/ratings/ratings.js. Simplified: ratings of version 2 come
 * from the same memory, not from a database.
 */
import { MINUTE, MS, SECOND } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { pathOnly } from '../http/url.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { WebApplication } from '../web-application.ts';
import { JSON_TYPE, after, bookinfoPort } from './bookinfo.ts';

const RATINGS_MAX = 1_000;

export function bookinfoRatings(context: ContainerContext): Application {
  const version = context.container.env.get('SERVICE_VERSION') ?? 'v1';
  const stored = new Map<number, Readonly<Record<string, number>>>();

  const answer = (exchange: ServerExchange, id: number): void => {
    if (exchange.method === 'POST') {
      const ratings = ratingsIn(exchange.body);
      if (!ratings) {
        exchange.respond(400, JSON_TYPE, '{"error":"please provide valid ratings JSON"}');
        return;
      }
      if (stored.size < RATINGS_MAX) stored.set(id, ratings);
    }
    const ratings = stored.get(id) ?? { Reviewer1: 5, Reviewer2: 4 };
    exchange.respond(200, JSON_TYPE, JSON.stringify({ id, ratings }));
  };

  const handle = (exchange: ServerExchange): void => {
    const path = pathOnly(exchange.path);
    if (path === '/health') {
      const isSick = version === 'v-unhealthy' && isOddSpan(context, 15 * MINUTE);
      if (isSick) exchange.respond(500, JSON_TYPE, '{"status":"Ratings is not healthy"}');
      else exchange.respond(200, JSON_TYPE, '{"status":"Ratings is healthy"}');
      return;
    }
    const id = /^\/ratings\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) {
      exchange.respond(400, JSON_TYPE, '{"error":"please provide numeric product ID"}');
      return;
    }
    const unavailable =
      (version === 'v-unavailable' && isOddSpan(context, MINUTE)) ||
      (version === 'v-unhealthy' && isOddSpan(context, 15 * MINUTE)) ||
      (version === 'v-faulty' && context.random.chance(500_000));
    if (unavailable) {
      exchange.respond(503, JSON_TYPE, '{"error":"Service unavailable"}');
      return;
    }
    const isLate = version === 'v-delayed' && context.random.chance(500_000);
    after(context, isLate ? 7 * SECOND : 1 * MS, () => answer(exchange, Number(id)));
  };
  return new WebApplication(context, { ports: [bookinfoPort(context)], handler: handle });
}

function isOddSpan(context: ContainerContext, span: number): boolean {
  return Math.floor(context.simulation.now / span) % 2 === 1;
}

function ratingsIn(body: string): Readonly<Record<string, number>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    return value as Readonly<Record<string, number>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
