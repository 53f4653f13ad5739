/**
 * Models DataSource: a text given inline.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-datasource
 * Simplified: nothing is read from files or the environment; both are empty.
 */
import type { Message } from './message.ts';

export function dataSourceText(source: Message | undefined): string {
  if (!source) return '';
  if (source.has('inline_bytes')) return decodeBase64(source.text('inline_bytes'));
  return source.text('inline_string');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bytes of a base64 or base64url text; undefined when a character is not of the alphabet. */
export function base64Bytes(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    buffer = (buffer << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (buffer >> bits) & 0xff;
    buffer &= (1 << bits) - 1;
  }
  return digits.length % 4 === 1 ? undefined : bytes;
}

function decodeBase64(text: string): string {
  const bytes = base64Bytes(text);
  return bytes ? new TextDecoder().decode(bytes) : '';
}
