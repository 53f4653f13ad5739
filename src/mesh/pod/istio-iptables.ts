/**
 * Models what istio-init writes into a pod's nat table: which connections pass the sidecar.
 *
 * Spec: istio-iptables of Istio 1.30 (ISTIO_INBOUND, ISTIO_OUTPUT chains) with the annotations
 * traffic.sidecar.istio.io/*. Simplified: REDIRECT mode, TCP, IPv4.
 */
import type { NatRules } from '../../sim/network/namespace.ts';

const OUTBOUND_PORT = 15001;
const INBOUND_PORT = 15006;
/** Ports of the sidecar itself: never captured on the way in. */
const PROXY_PORTS = [15008, 15020, 15021, 15090];
/** Where the inbound clusters' connections come from. */
const INBOUND_SOURCE = '127.0.0.6';
const ANNOTATION = 'traffic.sidecar.istio.io/';

/** The rules for a pod with the given annotations. */
export function natRulesOf(annotations: Readonly<Record<string, string>>): NatRules {
  const ports = (name: string, otherwise = '') =>
    portList(annotations[ANNOTATION + name] ?? otherwise);
  const ranges = (name: string, otherwise = '') =>
    ipRanges(annotations[ANNOTATION + name] ?? otherwise);
  const includeInbound = ports('includeInboundPorts', '*');
  const excludeInbound = [...ports('excludeInboundPorts'), ...PROXY_PORTS];
  const excludeOutbound = ports('excludeOutboundPorts');
  const includeOutbound = ports('includeOutboundPorts');
  const includeRanges = ranges('includeOutboundIPRanges', '*');
  const excludeRanges = ranges('excludeOutboundIPRanges');
  return {
    redirectOutbound({ ip, port }) {
      if (ip.startsWith('127.')) return undefined;
      if (includeOutbound.includes(port)) return OUTBOUND_PORT;
      if (excludeOutbound.includes(port) || inRanges(excludeRanges, ip)) return undefined;
      return includeRanges === '*' || inRanges(includeRanges, ip) ? OUTBOUND_PORT : undefined;
    },
    // A sidecar that calls its own pod comes in by 15006 like anybody; the inbound side reaches the
    // application from 127.0.0.6 and is let through, as is an application that calls itself.
    redirectLocal: (_to, source, owner) =>
      owner === 'proxy' && source !== INBOUND_SOURCE ? INBOUND_PORT : undefined,
    redirectInbound({ port }) {
      if (excludeInbound.includes(port)) return undefined;
      return includeInbound.includes('*') || includeInbound.includes(port)
        ? INBOUND_PORT
        : undefined;
    },
  };
}

interface IpRange {
  readonly network: number;
  readonly mask: number;
}

function portList(text: string): (number | '*')[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (item === '*' ? '*' : Number(item)));
}

function ipRanges(text: string): IpRange[] | '*' {
  if (text.trim() === '*') return '*';
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const [ip = '', bits = '32'] = item.split('/');
      const mask = bits === '0' ? 0 : (-1 << (32 - Number(bits))) >>> 0;
      return { network: (ipNumber(ip) & mask) >>> 0, mask };
    });
}

function inRanges(ranges: IpRange[] | '*', ip: string): boolean {
  if (ranges === '*') return true;
  const address = ipNumber(ip);
  return ranges.some(({ network, mask }) => (address & mask) >>> 0 === network);
}

function ipNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
