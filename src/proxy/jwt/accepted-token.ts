/**
 * Models what an accepted token leaves in the request: headers, metadata, or nothing of itself.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
 */
import { base64Text } from '../config/base64.ts';
import type { HttpStream } from '../http/stream.ts';
import { valueAt } from '../matching/value-matcher.ts';
import type { JwtProvider, TokenPlace } from './provider.ts';
import type { Token } from './token.ts';

const NAMESPACE = 'envoy.filters.http.jwt_authn';

export function acceptToken(
  stream: HttpStream,
  provider: JwtProvider,
  token: Token,
  place: TokenPlace,
): void {
  const { headers, info } = stream;
  if (provider.payloadHeader !== '') {
    const padding = provider.padsPayloadHeader
      ? '='.repeat((4 - (token.payloadText.length % 4)) % 4)
      : '';
    headers.set(provider.payloadHeader, token.payloadText + padding);
  }
  for (const { header, claim } of provider.claimHeaders) {
    const text = claimText(valueAt(token.payload, claim.split('.')));
    if (text !== undefined) headers.set(header, text);
  }
  if (!provider.forwards) place.remove(stream);
  if (provider.metadataKey !== '')
    info.setMetadata(NAMESPACE, {
      [provider.metadataKey]: normalised(token.payload, provider.spaceDelimited),
    });
  if (provider.clearsRouteCache) stream.clearRouteCache();
}

/** Plain values as text, everything else as base64 of its JSON. */
function claimText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return base64Text(new TextEncoder().encode(JSON.stringify(value)));
  return String(value);
}

/** "a b" becomes ["a", "b"] for the claims named. */
function normalised(
  payload: Readonly<Record<string, unknown>>,
  claims: readonly string[],
): Readonly<Record<string, unknown>> {
  if (claims.length === 0) return payload;
  const out: Record<string, unknown> = { ...payload };
  for (const claim of claims) {
    const value = out[claim];
    if (typeof value === 'string') out[claim] = value.split(' ');
  }
  return out;
}
