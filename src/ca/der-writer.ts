/**
 * Models the writing half of DER: values as bytes, type by type.
 *
 * Spec: ITU-T X.690. Only what X.509 certificates and requests need.
 */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { EPOCH_MS, isoTimestamp, MS } from '../sim/time.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** A value of any tag: identifier, length, content. */
export function tagged(tag: number, ...content: Uint8Array[]): Bytes {
  const body = concatBytes(...content);
  return concatBytes(Uint8Array.of(tag), lengthBytes(body.length), body) as Bytes;
}

export const sequence = (...items: Uint8Array[]): Bytes => tagged(0x30, ...items);
export const set = (...items: Uint8Array[]): Bytes => tagged(0x31, ...items);
export const octetString = (...content: Uint8Array[]): Bytes => tagged(0x04, ...content);
export const utf8String = (text: string): Bytes => tagged(0x0c, utf8ToBytes(text));
export const boolean = (value: boolean): Bytes => tagged(0x01, Uint8Array.of(value ? 0xff : 0));

/** A context-specific, constructed value: [n] EXPLICIT. */
export const explicit = (n: number, ...content: Uint8Array[]): Bytes =>
  tagged(0xa0 | n, ...content);

/** A context-specific, primitive value: [n] IMPLICIT. */
export const implicit = (n: number, content: Uint8Array): Bytes => tagged(0x80 | n, content);

/** A non-negative integer from its bytes, most significant first. */
export function integer(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const significant = bytes.subarray(start);
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0;
  return isNegative ? tagged(0x02, Uint8Array.of(0), significant) : tagged(0x02, significant);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Bytes {
  return tagged(0x03, Uint8Array.of(unusedBits), bytes);
}

/** "1.2.840.10045.2.1" */
export function objectIdentifier(text: string): Bytes {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Uint8Array.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime after that, as RFC 5280 asks for; whole seconds. */
export function time(ms: number): Bytes {
  const iso = isoTimestamp((ms - EPOCH_MS) * MS);
  const digits = `${iso.slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return Number(iso.slice(0, 4)) < 2050
    ? tagged(0x17, utf8ToBytes(digits.slice(2)))
    : tagged(0x18, utf8ToBytes(digits));
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}
