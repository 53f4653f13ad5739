/**
 * Models CSRF protection: a request that changes something must come from its own origin, or from
 * one that is named.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/csrf_filter
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

const CHANGING: ReadonlySet<string> = new Set(['POST', 'PUT', 'DELETE', 'PATCH']);

interface CsrfPolicy {
  readonly origins: readonly TextTest[];
  isEnabled(random: () => number): boolean;
  isShadow(random: () => number): boolean;
}

function compilePolicy(config: Message, { proxy }: FilterContext): CsrfPolicy {
  const enabled = config.message('filter_enabled');
  const shadow = config.message('shadow_enabled');
  return {
    origins: config.messages('additional_origins').map(compileStringMatcher),
    isEnabled: (random) => random() < proxy.runtime.perMillion(enabled, 0),
    isShadow: (random) => random() < proxy.runtime.perMillion(shadow, 0),
  };
}

class Csrf implements HttpFilter {
  readonly name: string;
  readonly #policy: CsrfPolicy;
  readonly #missing: Counter;
  readonly #invalid: Counter;
  readonly #valid: Counter;

  constructor(name: string, config: Message, context: FilterContext) {
    this.name = name;
    this.#policy = compilePolicy(config, context);
    const { stats } = context.proxy;
    this.#missing = stats.counter(`${context.statPrefix}csrf.missing_source_origin`);
    this.#invalid = stats.counter(`${context.statPrefix}csrf.request_invalid`);
    this.#valid = stats.counter(`${context.statPrefix}csrf.request_valid`);
  }

  decode(stream: HttpStream): FilterStatus {
    const policy = (stream.routeConfig(this.name) as CsrfPolicy | undefined) ?? this.#policy;
    const draw = () => stream.proxy.random.below(1_000_000);
    const isEnabled = policy.isEnabled(draw);
    if (!isEnabled && !policy.isShadow(draw)) return 'continue';
    const { headers } = stream;
    if (!CHANGING.has(headers.get(':method') ?? '')) return 'continue';
    const source = hostAndPort(headers.get('origin')) || hostAndPort(headers.get('referer'));
    if (source === '') this.#missing.inc();
    const isOwn = source === hostAndPort(headers.get(':authority'));
    const isValid = source !== '' && (isOwn || policy.origins.some((test) => test(source)));
    (isValid ? this.#valid : this.#invalid).inc();
    if (isValid || !isEnabled) return 'continue';
    if (stream.journal)
      stream.note('http-filter', { filter: 'csrf', allowed: false, origin: source });
    stream.sendLocalReply({ status: 403, body: 'Invalid origin', details: 'csrf_origin_mismatch' });
    return 'stop';
  }
}

/** "https://a.test:8443/x" → "a.test:8443"; what is no absolute URL stays as it is. */
function hostAndPort(text: string | undefined): string {
  if (text === undefined) return '';
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(text)?.[1] ?? text;
}

export const csrf: FilterFactory = {
  types: ['envoy.extensions.filters.http.csrf.v3.CsrfPolicy'],
  create: (name, config, context) => new Csrf(name, config, context),
  compileRoute: compilePolicy,
};
