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

/** In brackets where it is IPv6, as hosts of URLs are written. */
export function bracketed(host: string): string {
  return isIpv6(host) ? `[${host}]` : host;
}
