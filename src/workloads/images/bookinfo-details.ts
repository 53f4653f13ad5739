/**
 * Models Istio's Bookinfo, service details: facts about a book.
 *
 * Spec: istio/istio samples/bookinfo/src/details/details.rb. Simplified: v2 knows the same facts as
 * v1 instead of asking a book service outside.
 */
import { MS } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { pathOnly } from '../http/url.ts';
import { JSON_TYPE, after, bookinfoPort } from './bookinfo.ts';
import { WebApplication } from '../web-application.ts';

export function bookinfoDetails(context: ContainerContext): Application {
  return new WebApplication(context, {
    ports: [bookinfoPort(context)],
    handler: (exchange) => {
      const path = pathOnly(exchange.path);
      if (path === '/health') {
        exchange.respond(200, JSON_TYPE, '{"status":"Details is healthy"}');
        return;
      }
      const id = /^\/details\/(\d+)$/.exec(path)?.[1];
      if (id === undefined) {
        exchange.respond(400, JSON_TYPE, '{"error":"please provide numeric product id"}');
        return;
      }
      after(context, 1 * MS, () => exchange.respond(200, JSON_TYPE, detailsOf(Number(id))));
    },
  });
}

function detailsOf(id: number): string {
  return JSON.stringify({
    id,
    author: 'William Shakespeare',
    year: 1595,
    type: 'paperback',
    pages: 200,
    publisher: 'PublisherA',
    language: 'English',
    'ISBN-10': '1234567890',
    'ISBN-13': '123-1234567890',
  });
}
