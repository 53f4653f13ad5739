/**
 * Models a JSON web token as Envoy reads it, with its words for what is wrong.
 *
 * Spec: RFC 7519, RFC 7515; the texts of https://github.com/envoyproxy/envoy/blob/main/source/common/jwt/status.cc
 */
import { base64Bytes } from '../config/base64.ts';

export interface Token {
  /** As it came, for forwarding. */
  readonly text: string;
  readonly alg: string;
  readonly kid: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Seconds since the epoch; undefined when the claim is missing. */
  readonly expires: number | undefined;
  readonly notBefore: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly payloadText: string;
  /** "header.payload", what is signed. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** Envoy's text for a token that is no good. */
export type JwtError = string;

const ALGORITHMS = new Set(
  'ES256 ES384 ES512 HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA'.split(' '),
);

export function parseToken(text: string): Token | JwtError {
  const parts = text.split('.').filter((part) => part !== '');
  const [headerText = '', payloadText = '', signatureText = ''] = parts;
  if (parts.length !== 3 || text.split('.').length !== 3)
    return 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections';
  const header = jsonOf(headerText);
  if (typeof header === 'string') return `Jwt header is an invalid ${header}`;
  const { alg, kid } = header;
  if (typeof alg !== 'string') return 'Jwt header [alg] field is required and must be a string';
  if (!ALGORITHMS.has(alg)) return 'Jwt header [alg] is not supported';
  if (kid !== undefined && typeof kid !== 'string') return 'Jwt header [kid] field is not a string';
  const payload = jsonOf(payloadText);
  if (typeof payload === 'string') return `Jwt payload is an invalid ${payload}`;
  const problem = payloadProblem(payload);
  if (problem !== undefined) return problem;
  const signature = base64UrlBytes(signatureText);
  if (!signature) return 'Jwt signature is an invalid Base64url encoded';
  const { iss = '', aud, exp, nbf } = payload as Claims;
  return {
    text,
    alg,
    kid: kid ?? '',
    issuer: iss,
    audiences: typeof aud === 'string' ? [aud] : (aud ?? []),
    expires: exp,
    notBefore: nbf,
    payload,
    payloadText,
    signed: `${headerText}.${payloadText}`,
    signature,
  };
}

interface Claims {
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
}

function payloadProblem(payload: Readonly<Record<string, unknown>>): JwtError | undefined {
  for (const name of ['iss', 'sub', 'jti'])
    if (payload[name] !== undefined && typeof payload[name] !== 'string')
      return `Jwt payload [${name}] field is not a string`;
  for (const name of ['iat', 'nbf', 'exp']) {
    const value = payload[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') return `Jwt payload [${name}] field is not an integer`;
    if (value < 0) return `Jwt payload [${name}] field is not a positive 64 bit integer`;
  }
  const { aud } = payload;
  const isList = Array.isArray(aud) && aud.every((one) => typeof one === 'string');
  return aud === undefined || typeof aud === 'string' || isList
    ? undefined
    : 'Jwt payload [aud] field is not a string or string list';
}

/** The object, or what kind of thing it is not. */
function jsonOf(text: string): Readonly<Record<string, unknown>> | 'Base64url encoded' | 'JSON' {
  const bytes = base64UrlBytes(text);
  if (!bytes) return 'Base64url encoded';
  const value = parseJson(new TextDecoder().decode(bytes));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : 'JSON';
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function base64UrlBytes(text: string): Uint8Array | undefined {
  return /^[\w-]*$/.test(text) ? base64Bytes(text) : undefined;
}

/** Clocks may differ by a minute. */
const SKEW_SECONDS = 60;

export function timeProblem(token: Token, nowSeconds: number): JwtError | undefined {
  if (token.notBefore !== undefined && nowSeconds + SKEW_SECONDS < token.notBefore)
    return 'Jwt not yet valid';
  if (token.expires !== undefined && nowSeconds > token.expires + SKEW_SECONDS)
    return 'Jwt is expired';
  return undefined;
}

/** Scheme and trailing slash of an audience do not count. */
export function normalAudience(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
