/**
 * Models base64 as xDS and cookies carry bytes in text.
 *
 * Spec: RFC 4648 sections 4 and 5.
 */
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

/** With padding. */
export function base64Text(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(word >> shift) & 63]).join('');
    const left = bytes.length - i;
    out += left >= 3 ? digits : digits.slice(0, left + 1).padEnd(4, '=');
  }
  return out;
}
