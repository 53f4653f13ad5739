/** Models IP addresses and prefixes as text. Spec: Go net/netip. */

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

export function isIpv6(text: string): boolean {
  return text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text);
}

/** "10.0.0.0/8" → address and length; a bare address is a prefix of its full length. */
export function parseCidr(text: string): { address: string; length: number } | undefined {
  const [address = '', length] = text.split('/');
  if (!isIpAddress(address)) return undefined;
  return { address, length: length === undefined ? (isIpv4(address) ? 32 : 128) : Number(length) };
}

/** Whether `address` lies in `prefix` of `length` bits; never across the two families. */
export function isInPrefix(address: string, prefix: string, length: number): boolean {
  if (isIpv6(address) !== isIpv6(prefix)) return false;
  return leadingBits(address, length) === leadingBits(prefix, length);
}

/** The first `length` bits, which is what two spellings of one prefix share. */
export function leadingBits(address: string, length: number): bigint {
  const isSix = isIpv6(address);
  const bits = isSix ? ipv6Bits(address) : ipv4Bits(address);
  return bits >> BigInt((isSix ? 128 : 32) - length);
}

function ipv4Bits(text: string): bigint {
  return text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(Number(part)), 0n);
}

/** "::" stands for as many zero groups as are missing. */
function ipv6Bits(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array<string>(Math.max(missing, 0)).fill('0'), ...last];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group || '0'}`), 0n);
}

/** In brackets where it is IPv6, as hosts of URLs are written. */
export function bracketed(host: string): string {
  return isIpv6(host) ? `[${host}]` : host;
}
