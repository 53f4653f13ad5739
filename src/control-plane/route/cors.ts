/** Models CORS policies of routes. Spec: istio pilot/pkg/networking/core/route/route.go, TranslateCORSPolicy. */
import { durationUs } from '../../istio/kinds/duration.ts';
import type { CorsPolicy } from '../../istio/kinds/http-route.ts';
import type { CorsPolicy as EnvoyCorsPolicy } from '../../xds/resources/filters/cors.ts';
import { SECOND } from '../../sim/time.ts';
import { stringMatcher } from './string-match.ts';

export function corsPolicy(given: CorsPolicy): EnvoyCorsPolicy {
  const origins = given.allowOrigins
    ? given.allowOrigins.flatMap((it) => stringMatcher(it) ?? [])
    : (given.allowOrigin ?? []).map((exact) => ({ exact }));
  const joined = (list: readonly string[] | undefined) => list?.join(',') ?? '';
  const maxAgeUs = durationUs(given.maxAge);
  return {
    ...(origins.length > 0 && { allow_origin_string_match: origins }),
    ...text('allow_methods', joined(given.allowMethods)),
    ...text('allow_headers', joined(given.allowHeaders)),
    ...text('expose_headers', joined(given.exposeHeaders)),
    ...(maxAgeUs !== undefined && { max_age: String(Math.trunc(maxAgeUs / SECOND)) }),
    ...(given.allowCredentials !== undefined && { allow_credentials: given.allowCredentials }),
    filter_enabled: { default_value: { numerator: 100 } },
    forward_not_matching_preflights: given.unmatchedPreflights !== 'IGNORE',
  };
}

function text(field: string, value: string): object {
  return value === '' ? {} : { [field]: value };
}
