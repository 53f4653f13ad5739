/**
 * Models what a session is remembered by: a cookie or a header that holds the host's address.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/stateful_session/stateful_session
 */
import type { Micros } from '../../sim/time.ts';
import { SECOND } from '../../sim/time.ts';
import { base64Bytes, base64Text } from '../config/base64.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message, TypedMessage } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { cookieValue, setCookieText } from '../router/hash-policy.ts';

export interface SessionState {
  /** False: a request to this path has no session. */
  appliesTo(path: string): boolean;
  /** The address that the client shows, or undefined. */
  read(headers: HeaderMap, now: Micros): string | undefined;
  /** Tells the client the address to show from now on. */
  write(headers: HeaderMap, address: string, now: Micros): void;
}

const COOKIE = 'envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState';
const HEADER = 'envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState';

export function compileSessionState({ type, message }: TypedMessage): SessionState {
  if (type === COOKIE) return cookieState(message.messageOrEmpty('cookie'));
  if (type === HEADER) return headerState(message.text('name').toLowerCase());
  throw new ConfigError(
    `Didn't find a registered implementation for session state with type URL: '${type}'`,
  );
}

function headerState(name: string): SessionState {
  if (name === '')
    throw new ConfigError('Header name cannot be empty for header based stateful sessions');
  return {
    appliesTo: () => true,
    read: (headers) => decoded(headers.get(name) ?? ''),
    write: (headers, address) => headers.set(name, base64Text(utf8(address))),
  };
}

function cookieState(cookie: Message): SessionState {
  const name = cookie.text('name');
  if (name === '')
    throw new ConfigError('Cookie key cannot be empty for cookie based stateful sessions');
  const path = cookie.text('path');
  const ttlUs = cookie.durationUs('ttl') ?? 0;
  const attributes = cookie.messages('attributes');
  return {
    appliesTo: (requested) => isUnder(path, requested),
    read(headers, now) {
      const bytes = base64Bytes(cookieValue(headers, name) ?? '');
      if (!bytes || bytes.length === 0) return undefined;
      const content = parseContent(bytes);
      // Cookies of old versions hold the bare address.
      if (!content) return new TextDecoder().decode(bytes);
      const isOver = content.expires !== 0 && now / SECOND > content.expires;
      return isOver || content.address === '' ? undefined : content.address;
    },
    write(headers, address, now) {
      const expires = ttlUs > 0 ? Math.floor((now + ttlUs) / SECOND) : 0;
      const value = base64Text(contentBytes(address, expires));
      headers.add('set-cookie', setCookieText(name, value, ttlUs, path, attributes));
    },
  };
}

/** "/a" holds for "/a", "/a/b" and "/a?b"; "/a/" only for what is inside. */
function isUnder(path: string, requested: string): boolean {
  if (path === '' || path === '/') return true;
  if (!requested.startsWith(path)) return false;
  return path.endsWith('/') || /^(?:$|[/?#])/.test(requested.slice(path.length));
}

/** envoy.Cookie: `string address = 1; int64 expires = 2`. */
const ADDRESS_TAG = 0x0a;
const EXPIRES_TAG = 0x10;

function contentBytes(address: string, expires: number): Uint8Array {
  const text = utf8(address);
  const tail = expires === 0 ? [] : [EXPIRES_TAG, ...varint(expires)];
  return new Uint8Array([ADDRESS_TAG, ...varint(text.length), ...text, ...tail]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** Undefined when the bytes are no such message. */
function parseContent(bytes: Uint8Array): { address: string; expires: number } | undefined {
  let address = '';
  let expires = 0;
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = bytes[at++];
    const value = number();
    if (Number.isNaN(value)) return undefined;
    if (tag === EXPIRES_TAG) expires = value;
    else if (tag === ADDRESS_TAG && at + value <= bytes.length) {
      address = new TextDecoder().decode(bytes.subarray(at, at + value));
      at += value;
    } else return undefined;
  }
  return { address, expires };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decoded(text: string): string | undefined {
  const bytes = base64Bytes(text);
  return bytes && bytes.length > 0 ? new TextDecoder().decode(bytes) : undefined;
}
