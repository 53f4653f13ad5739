/**
 * Models one JWT provider: where its tokens stand in a request, which it accepts, and what becomes
 * of an accepted one.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtprovider.
 * Simplified: keys are inline; those of a remote_jwks cannot be fetched and every token fails.
 */
import { wallClockMs } from '../../sim/time.ts';
import { dataSourceText } from '../config/data-source.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { HttpStream } from '../http/stream.ts';
import { cookieValue } from '../router/hash-policy.ts';
import { queryParameter } from '../router/route-matcher.ts';
import { splitPath } from '../router/path.ts';
import { parseJwks, verifyToken, type Jwks } from './jwks.ts';
import { normalAudience, parseToken, timeProblem, type JwtError, type Token } from './token.ts';

export interface TokenPlace {
  readonly text: string;
  /** Takes the token out of the request, when it is not to be forwarded. */
  remove(stream: HttpStream): void;
}

interface HeaderPlace {
  readonly name: string;
  readonly prefix: string;
}

/** How many verified tokens a provider remembers. */
const REMEMBERED_MAX = 1000;

export class JwtProvider {
  readonly name: string;
  readonly #issuer: string;
  readonly #audiences: readonly string[];
  readonly #jwks: Jwks | JwtError;
  readonly #headers: readonly HeaderPlace[];
  readonly #parameters: readonly string[];
  readonly #cookies: readonly string[];
  readonly #requiresExpiration: boolean;
  readonly forwards: boolean;
  readonly payloadHeader: string;
  readonly padsPayloadHeader: boolean;
  readonly claimHeaders: readonly { readonly header: string; readonly claim: string }[];
  readonly metadataKey: string;
  readonly spaceDelimited: readonly string[];
  readonly clearsRouteCache: boolean;
  /** Signature verdicts by token: verifying costs a millisecond, remembering nothing. */
  readonly #verdicts = new Map<string, JwtError | undefined>();

  constructor(name: string, config: Message) {
    this.name = name;
    this.#issuer = config.text('issuer');
    this.#audiences = config.texts('audiences').map(normalAudience);
    this.#jwks = jwksOf(name, config);
    const headers = config.messages('from_headers');
    this.#parameters = config.texts('from_params');
    this.#cookies = config.texts('from_cookies');
    const hasPlaces = headers.length + this.#parameters.length + this.#cookies.length > 0;
    this.#headers = hasPlaces ? headers.map(headerPlace) : [DEFAULT_HEADER];
    if (!hasPlaces) this.#parameters = ['access_token'];
    this.#requiresExpiration = config.flag('require_expiration');
    this.forwards = config.flag('forward');
    this.payloadHeader = config.text('forward_payload_header').toLowerCase();
    this.padsPayloadHeader = config.flag('pad_forward_payload_header');
    this.claimHeaders = config.messages('claim_to_headers').map((one) => ({
      header: one.text('header_name').toLowerCase(),
      claim: one.text('claim_name'),
    }));
    this.metadataKey = config.text('payload_in_metadata');
    this.spaceDelimited = config
      .messageOrEmpty('normalize_payload_in_metadata')
      .texts('space_delimited_claims');
    this.clearsRouteCache = config.flag('clear_route_cache');
  }

  /** Every token of the request that stands where this provider looks. */
  tokens(stream: HttpStream): TokenPlace[] {
    const { headers, query } = stream;
    const found: TokenPlace[] = [];
    for (const { name, prefix } of this.#headers)
      for (const value of headers.getAll(name)) {
        const text = tokenIn(value, prefix);
        if (text !== '') found.push({ text, remove: (of) => of.headers.remove(name) });
      }
    for (const name of this.#parameters) {
      const text = queryParameter(query, name);
      if (text) found.push({ text, remove: (of) => removeParameter(of, name) });
    }
    for (const name of this.#cookies) {
      const text = cookieValue(headers, name);
      if (text) found.push({ text, remove: () => undefined });
    }
    return found;
  }

  /** The token, or why it is refused. `audiences` replace the provider's own when given. */
  check(
    text: string,
    stream: HttpStream,
    audiences: readonly string[] | undefined,
  ): Token | JwtError {
    const token = parseToken(text);
    if (typeof token === 'string') return token;
    if (this.#issuer !== '' && token.issuer !== this.#issuer) return 'Jwt issuer is not configured';
    const nowSeconds = Math.floor(wallClockMs(stream.proxy.simulation.now) / 1000);
    if (this.#requiresExpiration && token.expires === undefined) return 'Jwt verification fails';
    const late = timeProblem(token, nowSeconds);
    if (late !== undefined) return late;
    const wanted = audiences ?? this.#audiences;
    if (wanted.length > 0 && !token.audiences.some((one) => wanted.includes(normalAudience(one))))
      return 'Audiences in Jwt are not allowed';
    return this.#signatureProblem(token) ?? token;
  }

  #signatureProblem(token: Token): JwtError | undefined {
    if (typeof this.#jwks === 'string') return this.#jwks;
    if (this.#verdicts.has(token.text)) return this.#verdicts.get(token.text);
    if (this.#verdicts.size >= REMEMBERED_MAX) this.#verdicts.clear();
    const verdict = verifyToken(token, this.#jwks);
    this.#verdicts.set(token.text, verdict);
    return verdict;
  }
}

const DEFAULT_HEADER: HeaderPlace = { name: 'authorization', prefix: 'Bearer ' };

function headerPlace(header: Message): HeaderPlace {
  return { name: header.text('name').toLowerCase(), prefix: header.text('value_prefix') };
}

function jwksOf(name: string, config: Message): Jwks | JwtError {
  const local = config.message('local_jwks');
  if (!local) return 'Jwks remote fetch is failed';
  const jwks = parseJwks(dataSourceText(local));
  if (typeof jwks === 'string')
    throw new ConfigError(`Provider '${name}' in jwt_authn config has invalid local jwks: ${jwks}`);
  return jwks;
}

/** After the prefix, from the first to the last character a token may have. */
function tokenIn(value: string, prefix: string): string {
  const at = value.indexOf(prefix);
  if (at < 0) return '';
  return /[\w.-]+/.exec(value.slice(at + prefix.length))?.[0] ?? '';
}

function removeParameter(stream: HttpStream, name: string): void {
  const { path, rest } = splitPath(stream.headers.get(':path') ?? '');
  const left = rest
    .slice(1)
    .split('&')
    .filter((pair) => pair.split('=')[0] !== name);
  stream.headers.set(':path', left.length > 0 ? `${path}?${left.join('&')}` : path);
}
