/**
 * Models Istio's Bookinfo, service productpage: a page made of what details and reviews say. It
 * waits 3 s for each answer and asks reviews twice, a bug left in for Istio's fault injection task.
 * The page itself is always a 200; what failed is said in it.
 *
 * Spec: istio/istio samples/bookinfo/src/productpage/productpage.py. Simplified: the page is a few
 * lines of HTML; the session cookie is readable instead of signed; FLOOD_FACTOR is left out.
 */
import { MS, SECOND } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { forwarded } from '../forwarded-headers.ts';
import type { HeaderPairs } from '../http/client.ts';
import type { HttpOutcome } from '../http/outcome.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { pathOnly, queryOf } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';
import { BOOKINFO_HEADERS, JSON_TYPE, after, bookinfoPort, bookinfoUrl } from './bookinfo.ts';

const HTML = [['content-type', 'text/html; charset=utf-8']] as const;
const TIMEOUT_US = 3 * SECOND;
const SORRY = (what: string) => `Sorry, product ${what} are currently unavailable for this book.`;

interface Part {
  readonly status: number;
  readonly body: string;
}

export function bookinfoProductpage(context: ContainerContext): Application {
  return new Productpage(context).application;
}

class Productpage {
  readonly application: WebApplication;
  readonly #context: ContainerContext;
  readonly #details: string;
  readonly #reviews: string;
  readonly #ratings: string;

  constructor(context: ContainerContext) {
    this.#context = context;
    this.#details = bookinfoUrl(context, 'details');
    this.#reviews = bookinfoUrl(context, 'reviews');
    this.#ratings = bookinfoUrl(context, 'ratings');
    this.application = new WebApplication(context, {
      ports: [bookinfoPort(context)],
      handler: (exchange) => this.#handle(exchange),
      client: {
        // Python's requests.get opens a connection for each call.
        idleMax: 0,
        headers: [
          ['user-agent', 'python-requests/2.32.3'],
          ['accept-encoding', 'gzip, deflate'],
          ['accept', '*/*'],
          ['connection', 'keep-alive'],
        ],
      },
    });
  }

  #handle(exchange: ServerExchange): void {
    const path = pathOnly(exchange.path);
    const product = /^\/api\/v1\/products\/(\d+)(\/reviews|\/ratings)?$/.exec(path);
    if (path === '/productpage') this.#page(exchange);
    else if (path === '/health') exchange.respond(200, HTML, 'Product page is healthy');
    else if (path === '/' || path === '/index.html') exchange.respond(200, HTML, INDEX);
    else if (path === '/login' && exchange.method === 'POST') logIn(exchange);
    else if (path === '/logout')
      exchange.respond(
        302,
        [...HTML, ['location', '/productpage'], ['set-cookie', 'session=; Path=/']],
        '',
      );
    else if (path === '/api/v1/products') exchange.respond(200, JSON_TYPE, `[${PRODUCT}]`);
    else if (product) this.#api(exchange, product[1]!, product[2]);
    else exchange.respond(404, HTML, 'Not Found');
  }

  #page(exchange: ServerExchange): void {
    const headers = this.#forwardHeaders(exchange);
    this.#part(exchange, headers, `${this.#details}/details/0`, 1, 'details', (details) =>
      this.#part(exchange, headers, `${this.#reviews}/reviews/0`, 2, 'reviews', (reviews) =>
        after(this.#context, 4 * MS, () => exchange.respond(200, HTML, pageOf(details, reviews))),
      ),
    );
  }

  #api(exchange: ServerExchange, id: string, which: string | undefined): void {
    const headers = this.#forwardHeaders(exchange);
    const answer = ({ status, body }: Part) => exchange.respond(status, JSON_TYPE, body);
    if (which === '/reviews')
      this.#part(exchange, headers, `${this.#reviews}/reviews/${id}`, 2, 'reviews', answer);
    else if (which === '/ratings')
      this.#part(exchange, headers, `${this.#ratings}/ratings/${id}`, 1, 'ratings', answer);
    else this.#part(exchange, headers, `${this.#details}/details/${id}`, 1, 'details', answer);
  }

  /** Asks a service up to `tries` times; the next try follows at once. */
  #part(
    exchange: ServerExchange,
    headers: HeaderPairs,
    url: string,
    tries: number,
    what: string,
    onDone: (part: Part) => void,
  ): void {
    const { requestId } = exchange;
    const call = { method: 'GET', url, headers, timeoutUs: TIMEOUT_US, requestId };
    this.application.call(call, (outcome: HttpOutcome) => {
      if (outcome.status === 200 && !outcome.error) onDone({ status: 200, body: outcome.body });
      else if (tries > 1) this.#part(exchange, headers, url, tries - 1, what, onDone);
      else {
        const status = outcome.error || outcome.status === 0 ? 500 : outcome.status;
        onDone({ status, body: JSON.stringify({ error: SORRY(what) }) });
      }
    });
  }

  #forwardHeaders(exchange: ServerExchange): HeaderPairs {
    const headers = forwarded(exchange.headers, BOOKINFO_HEADERS);
    const user = /(?:^|;\s*)session=user\.([^;]+)/.exec(exchange.headers.get('cookie') ?? '')?.[1];
    if (user === undefined) return headers;
    return [...headers.filter(([name]) => name !== 'end-user'), ['end-user', user]];
  }
}

function logIn(exchange: ServerExchange): void {
  const user = queryOf(`?${exchange.body}`).get('username') ?? '';
  const cookie = `session=user.${encodeURIComponent(user)}; HttpOnly; Path=/`;
  exchange.respond(302, [...HTML, ['location', '/productpage'], ['set-cookie', cookie]], '');
}

const PRODUCT = JSON.stringify({
  id: 0,
  title: 'The Comedy of Errors',
  descriptionHtml: 'One of Shakespeare’s early plays: two pairs of twins, a day of confusion.',
});

const INDEX =
  '<title>Simple Bookstore App</title>\n<h1>Hello! This is a simple bookstore application</h1>\n';

function pageOf(details: Part, reviews: Part): string {
  return [
    '<title>Simple Bookstore App</title>',
    '<h1>The Comedy of Errors</h1>',
    details.status === 200
      ? `<h4>Book Details</h4><pre>${details.body}</pre>`
      : `<h4>Error fetching product details!</h4><p>${SORRY('details')}</p>`,
    reviews.status === 200
      ? `<h4>Book Reviews</h4><pre>${reviews.body}</pre>`
      : `<h4>Error fetching product reviews!</h4><p>${SORRY('reviews')}</p>`,
    '',
  ].join('\n');
}
