/**
 * Models JWT authentication: the first rule that matches says which tokens a request must show.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import { acceptToken } from '../jwt/accepted-token.ts';
import { JwtProvider } from '../jwt/provider.ts';
import { normalAudience, type JwtError } from '../jwt/token.ts';
import {
  compileRouteMatcher,
  runtimeFractionTest,
  type RouteMatcher,
} from '../router/route-matcher.ts';
import type { Counter } from '../stats.ts';

/** Undefined: met. */
type Requirement = (stream: HttpStream) => JwtError | undefined;

interface Rule {
  readonly matcher: RouteMatcher;
  readonly requirement: Requirement | undefined;
}

const MISSING: JwtError = 'Jwt is missing';
const UNKNOWN_ISSUER: JwtError = 'Jwt issuer is not configured';
const WRONG_AUDIENCE: JwtError = 'Audiences in Jwt are not allowed';
/** How much of the path a challenge names. */
const REALM_CHARACTERS_MAX = 256;

class JwtAuthn implements HttpFilter {
  readonly name: string;
  readonly #providers: ReadonlyMap<string, JwtProvider>;
  readonly #rules: readonly Rule[];
  readonly #named: ReadonlyMap<string, Requirement>;
  readonly #bypassesPreflight: boolean;
  /** Headers only this filter may set. */
  readonly #ownHeaders: readonly string[];
  readonly #allowed: Counter;
  readonly #denied: Counter;

  constructor(name: string, config: Message, { proxy, statPrefix }: FilterContext) {
    this.name = name;
    this.#providers = new Map(
      config.entries('providers').map(([id, provider]) => [id, new JwtProvider(id, provider)]),
    );
    this.#named = new Map(
      config
        .entries('requirement_map')
        .map(([id, requirement]) => [id, this.#compile(requirement)]),
    );
    const isFractionOn = runtimeFractionTest(proxy.runtime);
    this.#rules = config.messages('rules').map((rule) => ({
      matcher: compileRouteMatcher(rule.messageOrEmpty('match'), isFractionOn),
      requirement: this.#requirementOf(rule),
    }));
    this.#bypassesPreflight = config.flag('bypass_cors_preflight');
    this.#ownHeaders = [...this.#providers.values()].flatMap((provider) => [
      ...(provider.payloadHeader ? [provider.payloadHeader] : []),
      ...provider.claimHeaders.map(({ header }) => header),
    ]);
    this.#allowed = proxy.stats.counter(`${statPrefix}jwt_authn.allowed`);
    this.#denied = proxy.stats.counter(`${statPrefix}jwt_authn.denied`);
  }

  #requirementOf(rule: Message): Requirement | undefined {
    const requires = rule.message('requires');
    if (requires) return this.#compile(requires);
    return rule.has('requirement_name')
      ? this.#named.get(rule.text('requirement_name'))
      : undefined;
  }

  #compile(requirement: Message): Requirement {
    const kind = requirement.oneof(
      'provider_name',
      'provider_and_audiences',
      'requires_any',
      'requires_all',
      'allow_missing',
      'allow_missing_or_failed',
    );
    switch (kind) {
      case 'provider_name':
        return this.#byProvider(requirement.text(kind), undefined);
      case 'provider_and_audiences': {
        const both = requirement.messageOrEmpty(kind);
        const audiences = both.texts('audiences').map(normalAudience);
        return this.#byProvider(both.text('provider_name'), audiences);
      }
      case 'requires_any':
        return this.#any(requirement.messageOrEmpty(kind).messages('requirements'));
      case 'requires_all': {
        const all = requirement.messageOrEmpty(kind).messages('requirements');
        const each = all.map((one) => this.#compile(one));
        return (stream) => {
          for (const one of each) {
            const error = one(stream);
            if (error !== undefined) return error;
          }
          return undefined;
        };
      }
      case 'allow_missing':
      case 'allow_missing_or_failed':
        return this.#anyProvider(kind === 'allow_missing_or_failed');
      case undefined:
        return () => undefined;
    }
  }

  #byProvider(name: string, audiences: readonly string[] | undefined): Requirement {
    const provider = this.#providers.get(name);
    if (!provider) throw new ConfigError(`Required provider ['${name}'] is not configured.`);
    return (stream) => {
      const places = provider.tokens(stream);
      if (places.length === 0) return MISSING;
      for (const place of places) {
        const token = provider.check(place.text, stream, audiences);
        if (typeof token === 'string') return token;
        acceptToken(stream, provider, token, place);
      }
      return undefined;
    };
  }

  /** Tokens of any provider are checked; a bad one may or may not matter. */
  #anyProvider(acceptsFailed: boolean): Requirement {
    return (stream) => {
      let failure: JwtError | undefined;
      for (const provider of this.#providers.values())
        for (const place of provider.tokens(stream)) {
          const token = provider.check(place.text, stream, undefined);
          if (typeof token === 'string') {
            if (token !== UNKNOWN_ISSUER || failure === undefined) failure = token;
          } else {
            acceptToken(stream, provider, token, place);
            return undefined;
          }
        }
      return acceptsFailed ? undefined : failure;
    };
  }

  /** The most telling error of all stands when none is met. */
  #any(requirements: readonly Message[]): Requirement {
    const allowsMissing = requirements.some((one) => one.has('allow_missing'));
    const allowsFailed = requirements.some((one) => one.has('allow_missing_or_failed'));
    const each = requirements
      .filter((one) => !one.has('allow_missing') && !one.has('allow_missing_or_failed'))
      .map((one) => this.#compile(one));
    return (stream) => {
      let error: JwtError = MISSING;
      for (const one of each) {
        const found = one(stream);
        if (found === undefined) return undefined;
        if (found !== MISSING && (found !== UNKNOWN_ISSUER || error === MISSING)) error = found;
      }
      if (allowsFailed || (allowsMissing && error === MISSING)) return undefined;
      return error;
    };
  }

  decode(stream: HttpStream): FilterStatus {
    const { headers } = stream;
    if (this.#bypassesPreflight && isPreflight(stream)) return 'continue';
    for (const name of this.#ownHeaders) headers.remove(name);
    const path = (headers.get(':path') ?? '').slice(0, REALM_CHARACTERS_MAX);
    const uri = `${headers.get(':scheme') ?? 'http'}://${headers.get(':authority') ?? ''}${path}`;
    const requirement = this.#requirementFor(stream);
    const error = requirement?.(stream);
    if (error === undefined) {
      this.#allowed.inc();
      return 'continue';
    }
    this.#denied.inc();
    if (stream.journal) stream.note('http-filter', { filter: 'jwt_authn', allowed: false, error });
    const isMissing = error === MISSING;
    stream.sendLocalReply({
      status: error === WRONG_AUDIENCE ? 403 : 401,
      body: error,
      details: `jwt_authn_access_denied{${error}}`,
      headers: (response) => {
        const realm = `Bearer realm="${uri}"`;
        response.set('www-authenticate', isMissing ? realm : `${realm}, error="invalid_token"`);
      },
    });
    return 'stop';
  }

  #requirementFor(stream: HttpStream): Requirement | undefined {
    const perRoute = stream.routeConfig(this.name) as JwtPerRoute | undefined;
    if (perRoute) return perRoute.disabled ? undefined : this.#named.get(perRoute.requirement);
    return this.#rules.find(({ matcher }) => matcher.mismatch(stream) === undefined)?.requirement;
  }
}

interface JwtPerRoute {
  readonly disabled: boolean;
  readonly requirement: string;
}

function isPreflight({ headers }: HttpStream): boolean {
  return (
    headers.get(':method') === 'OPTIONS' &&
    headers.has('origin') &&
    headers.has('access-control-request-method')
  );
}

export const jwtAuthn: FilterFactory = {
  types: ['envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication'],
  routeTypes: ['envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig'],
  create: (name, config, context) => new JwtAuthn(name, config, context),
  compileRoute: (config): JwtPerRoute => ({
    disabled: config.flag('disabled'),
    requirement: config.text('requirement_name'),
  }),
};
