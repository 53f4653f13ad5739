/**
 * IP addresses and prefixes as Go's net/netip reads them.
 * Spec: https://pkg.go.dev/net/netip#ParseAddr
 */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUPS = 8;

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

export function isIpv6(text: string): boolean {
  const [address = '', zone, ...rest] = text.split('%');
  if (rest.length > 0 || zone === '' || !address.includes(':')) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half, at) => countGroups(half, at === halves.length - 1));
  if (groups.includes(undefined)) return false;
  const total = groups.reduce((sum: number, count) => sum + (count ?? 0), 0);
  return halves.length === 2 ? total < GROUPS : total === GROUPS;
}

/** 16-bit groups of a part between "::", undefined when it is malformed. */
function countGroups(part: string, mayEndInIpv4: boolean): number | undefined {
  if (part === '') return 0;
  const groups = part.split(':');
  const last = groups.at(-1) ?? '';
  const embedded = mayEndInIpv4 && isIpv4(last);
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return plain.length + (embedded ? 2 : 0);
}

export function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (slash < 0 || address.includes('%') || !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

/** An address, or a prefix. */
export function subnetProblem(text: string): string | undefined {
  if (text.split('/').length === 2)
    return isCidr(text) ? undefined : `${text} is not a valid CIDR block`;
  return addressProblem(text);
}

export function addressProblem(text: string): string | undefined {
  return isIpAddress(text) ? undefined : `${text} is not a valid IP`;
}
