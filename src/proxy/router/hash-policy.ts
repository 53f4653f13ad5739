/**
 * Models hash policies: what of a request becomes the 64-bit key of consistent hashing.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
 */
import type { Micros } from '../../sim/time.ts';
import { SECOND } from '../../sim/time.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileRegex } from '../matching/regex.ts';
import { xxHash64 } from '../xx-hash.ts';
import { queryParameter } from './route-matcher.ts';

export interface HashInput {
  readonly headers: HeaderMap;
  readonly query: string | undefined;
  readonly sourceIp: string;
  /** The downstream addresses, for a generated cookie. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** A cookie the response must set. */
  setCookie(cookie: string): void;
  filterState(key: string): unknown;
}

export interface HashPolicy {
  /** Stops at this policy once there is a hash. */
  readonly terminal: boolean;
  hash(input: HashInput): bigint | undefined;
}

export function compileHashPolicy(policy: Message): HashPolicy {
  const terminal = policy.flag('terminal');
  const kind = policy.oneof(
    'header',
    'cookie',
    'connection_properties',
    'query_parameter',
    'filter_state',
  );
  switch (kind) {
    case 'header':
      return { terminal, hash: headerHash(policy.messageOrEmpty('header')) };
    case 'cookie':
      return { terminal, hash: cookieHash(policy.messageOrEmpty('cookie')) };
    case 'connection_properties': {
      const bySource = policy.messageOrEmpty('connection_properties').flag('source_ip');
      return {
        terminal,
        hash: (input) => (bySource && input.sourceIp ? xxHash64(input.sourceIp) : undefined),
      };
    }
    case 'query_parameter': {
      const name = policy.messageOrEmpty('query_parameter').text('name');
      return { terminal, hash: (input) => hashOf(queryParameter(input.query, name)) };
    }
    case 'filter_state': {
      const key = policy.messageOrEmpty('filter_state').text('key');
      return {
        terminal,
        hash: (input) => {
          const value = input.filterState(key);
          return value === undefined ? undefined : xxHash64(String(value));
        },
      };
    }
    case undefined:
      throw new ConfigError('field: "policy_specifier", reason: is required');
  }
}

function hashOf(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : xxHash64(text);
}

/** All values of the header, sorted; the hash of one is the seed of the next. */
function headerHash(header: Message): HashPolicy['hash'] {
  const name = header.text('header_name').toLowerCase();
  const key = name === 'host' ? ':authority' : name;
  const rewrite = header.message('regex_rewrite');
  const regex = rewrite && compileRegex(rewrite.messageOrEmpty('pattern'));
  const substitution = rewrite?.text('substitution') ?? '';
  return ({ headers }) => {
    const values = headers.getAll(key);
    if (values.length === 0) return undefined;
    const texts = regex ? values.map((value) => regex.replaceAll(value, substitution)) : values;
    return texts.sort().reduce((seed, text) => xxHash64(text, seed), 0n);
  };
}

/** A missing cookie is made when a `ttl` says so: of the connection's two addresses. */
function cookieHash(cookie: Message): HashPolicy['hash'] {
  const name = cookie.text('name');
  const ttlUs = cookie.durationUs('ttl');
  const path = cookie.text('path');
  const attributes = cookie.messages('attributes');
  return (input) => {
    const value = cookieValue(input.headers, name);
    if (value !== undefined) return xxHash64(value);
    if (ttlUs === undefined) return undefined;
    const made = xxHash64(input.remoteAddress + input.localAddress).toString();
    input.setCookie(setCookieText(name, made, ttlUs, path, attributes));
    return xxHash64(made);
  };
}

/** The value of a set-cookie header, in Envoy's order. */
export function setCookieText(
  name: string,
  value: string,
  ttlUs: Micros,
  path: string,
  attributes: readonly Message[],
): string {
  const age = ttlUs > 0 ? `; Max-Age=${Math.floor(ttlUs / SECOND)}` : '';
  const more = attributes.map((one) => `; ${one.text('name')}=${one.text('value')}`).join('');
  return `${name}="${value}"${age}${path ? `; Path=${path}` : ''}${more}; HttpOnly`;
}

/** The value of a cookie, without quotes. */
export function cookieValue(headers: HeaderMap, name: string): string | undefined {
  for (const header of headers.getAll('cookie'))
    for (const pair of header.split(';')) {
      const [key = '', ...rest] = pair.trim().split('=');
      if (key === name) return rest.join('=').replace(/^"(.*)"$/, '$1');
    }
  return undefined;
}

const MASK = 0xffff_ffff_ffff_ffffn;

/** Each policy's hash is mixed into the one before: rotate left by one, then xor. */
export function hashKeyOf(policies: readonly HashPolicy[], input: HashInput): bigint | undefined {
  let key: bigint | undefined;
  for (const policy of policies) {
    const hash = policy.hash(input);
    if (hash !== undefined)
      key = key === undefined ? hash : (((key << 1n) & MASK) | (key >> 63n)) ^ hash;
    if (policy.terminal && key !== undefined) return key;
  }
  return key;
}
