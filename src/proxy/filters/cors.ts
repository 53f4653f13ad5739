/**
 * Models CORS: preflights are answered here, actual requests get their headers on the way back.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
 */
import type { Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileStringMatcher, type TextTest } from '../matching/string-matcher.ts';
import type { Counter } from '../stats.ts';

interface CorsPolicy {
  readonly origins: readonly TextTest[];
  readonly allowMethods: string;
  readonly allowHeaders: string;
  readonly exposeHeaders: string;
  readonly maxAge: string;
  readonly allowCredentials: boolean;
  readonly allowPrivateNetwork: boolean;
  readonly forwardsOtherPreflights: boolean;
  isEnabled(random: () => number): boolean;
  isShadow(random: () => number): boolean;
}

function compilePolicy(config: Message, { proxy }: FilterContext): CorsPolicy {
  const enabled = config.message('filter_enabled');
  const shadow = config.message('shadow_enabled');
  return {
    origins: config.messages('allow_origin_string_match').map(compileOrigin),
    allowMethods: config.text('allow_methods'),
    allowHeaders: config.text('allow_headers'),
    exposeHeaders: config.text('expose_headers'),
    maxAge: config.text('max_age'),
    allowCredentials: config.flag('allow_credentials'),
    allowPrivateNetwork: config.flag('allow_private_network_access'),
    forwardsOtherPreflights: config.boolean('forward_not_matching_preflights') ?? true,
    isEnabled: (random) => random() < proxy.runtime.perMillion(enabled, 1_000_000),
    isShadow: (random) => random() < proxy.runtime.perMillion(shadow, 0),
  };
}

/** An exact "*" stands for any origin. */
function compileOrigin(matcher: Message): TextTest {
  return matcher.text('exact') === '*' ? () => true : compileStringMatcher(matcher);
}

/** What the response must be told: the origin that was allowed. */
interface Allowed {
  readonly policy: CorsPolicy;
  readonly origin: string;
}

class Cors implements HttpFilter {
  readonly name: string;
  readonly #valid: Counter;
  readonly #invalid: Counter;

  constructor(name: string, { proxy, statPrefix }: FilterContext) {
    this.name = name;
    this.#valid = proxy.stats.counter(`${statPrefix}cors.origin_valid`);
    this.#invalid = proxy.stats.counter(`${statPrefix}cors.origin_invalid`);
  }

  decode(stream: HttpStream): FilterStatus {
    const origin = stream.headers.get('origin');
    if (origin === undefined || origin === '') return 'continue';
    const policy = stream.routeConfig(this.name) as CorsPolicy | undefined;
    if (!policy) return 'continue';
    const draw = () => stream.proxy.random.below(1_000_000);
    const isEnabled = policy.isEnabled(draw);
    if (!isEnabled && !policy.isShadow(draw)) return 'continue';
    const isAllowed = policy.origins.some((test) => test(origin));
    (isAllowed ? this.#valid : this.#invalid).inc();
    if (!isEnabled) return 'continue';
    if (isAllowed) stream.remember(this, { policy, origin } satisfies Allowed);
    if (!isPreflight(stream)) return 'continue';
    if (!isAllowed && policy.forwardsOtherPreflights) return 'continue';
    this.#answer(stream, policy, isAllowed ? origin : undefined);
    return 'stop';
  }

  #answer(stream: HttpStream, policy: CorsPolicy, origin: string | undefined): void {
    const request = stream.headers;
    stream.sendLocalReply({
      status: 200,
      body: '',
      details: 'cors_response',
      headers: (headers) => {
        if (origin === undefined) return;
        const methods = request.get('access-control-request-method')!;
        const names = request.get('access-control-request-headers');
        const allowMethods = policy.allowMethods === '*' ? methods : policy.allowMethods;
        const allowHeaders = policy.allowHeaders === '*' ? (names ?? '') : policy.allowHeaders;
        if (allowMethods !== '') headers.set('access-control-allow-methods', allowMethods);
        if (allowHeaders !== '') headers.set('access-control-allow-headers', allowHeaders);
        if (policy.maxAge !== '') headers.set('access-control-max-age', policy.maxAge);
        if (
          policy.allowPrivateNetwork &&
          request.get('access-control-request-private-network') === 'true'
        )
          headers.set('access-control-allow-private-network', 'true');
      },
    });
  }

  encode(stream: HttpStream): void {
    const allowed = stream.recall(this) as Allowed | undefined;
    if (!allowed) return;
    const { policy, origin } = allowed;
    const headers = stream.responseHeaders!;
    headers.set('access-control-allow-origin', origin);
    if (policy.allowCredentials) headers.set('access-control-allow-credentials', 'true');
    if (policy.exposeHeaders !== '')
      headers.set('access-control-expose-headers', policy.exposeHeaders);
  }
}

function isPreflight({ headers }: HttpStream): boolean {
  return headers.get(':method') === 'OPTIONS' && headers.has('access-control-request-method');
}

export const cors: FilterFactory = {
  types: ['envoy.extensions.filters.http.cors.v3.Cors'],
  routeTypes: ['envoy.extensions.filters.http.cors.v3.CorsPolicy'],
  create: (name, _config, context) => new Cors(name, context),
  compileRoute: compilePolicy,
};
