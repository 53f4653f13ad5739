/**
 * Models Istio's Bookinfo, service reviews: two reviews of a book; v2 and v3 ask ratings for stars,
 * black and red. v2 waits up to 10 s for them, v3 2.5 s.
 *
 * Spec: istio/istio samples/bookinfo/src/reviews (LibertyRestEndpoint.java).
 */
import { MS, SECOND } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { forwarded } from '../forwarded-headers.ts';
import { pathOnly } from '../http/url.ts';
import type { HttpOutcome } from '../http/outcome.ts';
import { WebApplication } from '../web-application.ts';
import { BOOKINFO_HEADERS, JSON_TYPE, after, bookinfoPort, bookinfoUrl } from './bookinfo.ts';

type Rating =
  { readonly stars: number; readonly color: string } | { readonly error: string } | undefined;

/** `stars`: the colour of the stars, "" for a version without. */
export function bookinfoReviews(version: 'v1' | 'v2' | 'v3') {
  return (context: ContainerContext): Application => {
    const { env } = context.container;
    const hasStars = (env.get('ENABLE_RATINGS') ?? String(version !== 'v1')) === 'true';
    const color = env.get('STAR_COLOR') ?? (version === 'v3' ? 'red' : 'black');
    const timeoutUs = color === 'black' ? 10 * SECOND : 2.5 * SECOND;
    const ratings = bookinfoUrl(context, 'ratings');

    return new WebApplication(context, {
      ports: [bookinfoPort(context)],
      handler: (exchange, application) => {
        const path = pathOnly(exchange.path);
        if (path === '/health') {
          exchange.respond(200, JSON_TYPE, '{"status": "Reviews is healthy"}');
          return;
        }
        const id = /^\/reviews\/(\d+)$/.exec(path)?.[1];
        if (id === undefined) {
          exchange.respond(404, JSON_TYPE, '');
          return;
        }
        const answer = (one: Rating, two: Rating): void =>
          after(context, 2 * MS, () =>
            exchange.respond(200, JSON_TYPE, reviewsOf(context.pod.name, id, one, two)),
          );
        if (!hasStars) {
          answer(undefined, undefined);
          return;
        }
        const call = {
          method: 'GET',
          url: `${ratings}/ratings/${id}`,
          headers: forwarded(exchange.headers, BOOKINFO_HEADERS),
          timeoutUs,
          requestId: exchange.requestId,
        };
        application.call(call, (outcome) => {
          const stars = starsIn(outcome);
          answer(ratingOf(stars?.['Reviewer1'], color), ratingOf(stars?.['Reviewer2'], color));
        });
      },
    });
  };
}

function starsIn({ status, body }: HttpOutcome): Readonly<Record<string, number>> | undefined {
  if (status !== 200) return undefined;
  try {
    return (JSON.parse(body) as { ratings?: Record<string, number> }).ratings;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function ratingOf(stars: number | undefined, color: string): Rating {
  return stars === undefined
    ? { error: 'Ratings service is currently unavailable' }
    : { stars, color };
}

function reviewsOf(podname: string, id: string, one: Rating, two: Rating): string {
  return JSON.stringify({
    id,
    podname,
    clustername: 'null',
    reviews: [
      {
        reviewer: 'Reviewer1',
        text: 'An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!',
        ...(one && { rating: one }),
      },
      {
        reviewer: 'Reviewer2',
        text: 'Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.',
        ...(two && { rating: two }),
      },
    ],
  });
}
