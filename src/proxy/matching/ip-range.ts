/**
 * Models CidrRange: an address and how many of its bits count.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/address.proto, RFC 4632,
 * RFC 4291. Simplified: no zone ids.
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';

export interface IpRange {
  readonly bits: 32 | 128;
  readonly prefixLength: number;
  readonly network: bigint;
}

export function compileIpRange(range: Message): IpRange {
  return ipRange(range.text('address_prefix'), range.number('prefix_len') ?? 0);
}

/** A length beyond the address's is cut, as Envoy does. Throws ConfigError for no address. */
export function ipRange(address: string, prefixLength: number): IpRange {
  const value = parseIp(address);
  if (!value) throw new ConfigError(`malformed IP address: ${address}`);
  const length = Math.min(prefixLength, value.bits);
  return { bits: value.bits, prefixLength: length, network: head(value, length) };
}

export function isInRange(range: IpRange, ip: string): boolean {
  const value = parseIp(ip);
  return value?.bits === range.bits && head(value, range.prefixLength) === range.network;
}

interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function head({ bits, value }: Ip, length: number): bigint {
  return value >> BigInt(bits - length);
}

/** How many addresses are remembered; a mesh sees thousands, not more. */
const REMEMBERED_MAX = 10_000;
const remembered = new Map<string, Ip | undefined>();

/** Parsing is pure, so the memory changes nothing but speed. */
export function parseIp(text: string): Ip | undefined {
  if (remembered.has(text)) return remembered.get(text);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  const ip = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  remembered.set(text, ip);
  return ip;
}

function parseIpv4(text: string): Ip | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

function parseIpv6(text: string): Ip | undefined {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = left ? groupsOf(left) : [];
  const after = right ? groupsOf(right) : [];
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return {
    bits: 128,
    value: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n),
  };
}

/** "1:2:1.2.3.4" has its last four bytes in dotted form. */
function groupsOf(text: string): string[] {
  const groups = text.split(':');
  const tail = groups.at(-1) ?? '';
  const dotted = tail.includes('.') ? parseIpv4(tail) : undefined;
  if (!dotted) return groups;
  const hex = dotted.value.toString(16).padStart(8, '0');
  return [...groups.slice(0, -1), hex.slice(0, 4), hex.slice(4)];
}
