/**
 * Models the domains by which a sidecar recognises a service: full and short names and addresses.
 *
 * Spec: istio pilot/pkg/networking/core/httproute.go, generateVirtualHostDomains, GenerateAltVirtualHosts.
 */
import type { Proxy } from '../proxy.ts';
import { bracketed, isIpAddress, isIpv4, isIpv6 } from '../registry/ip-address.ts';
import type { Service } from '../registry/service.ts';

export interface Domains {
  readonly all: readonly string[];
  /** Short forms: given up where another service has the name in full. */
  readonly short: ReadonlySet<string>;
}

/** `port` only where it must be written out: in the HTTP proxy's table, which serves all ports. */
export function serviceDomains(service: Service, proxy: Proxy, port: number): Domains {
  const all: string[] = [];
  const short = new Set<string>();
  for (const host of [service.host, ...service.aliases]) {
    const others = alternativeHosts(host, proxy.node.dnsDomain).flatMap((it) => withPort(it, port));
    all.push(...withPort(host, port), ...others);
    for (const other of others) short.add(other);
  }
  if (service.resolution === 'PASSTHROUGH' && service.registry === 'Kubernetes')
    all.push(...all.map((domain) => `*.${domain}`));
  for (const address of addressesFor(service, proxy)) all.push(...withPort(address, port));
  return { all, short };
}

function withPort(host: string, port: number): string[] {
  const name = bracketed(host);
  return port === 0 ? [name] : [name, `${name}:${port}`];
}

/** The addresses a proxy may see: the virtual ones, and the allocated one where it captures DNS. */
export function addressesFor(service: Service, { node }: Proxy): string[] {
  const own = [service.address, ...extraAddresses(service, node.ips)].filter(
    (it) => it !== '' && it !== '0.0.0.0' && !it.includes('/'),
  );
  if (own.length > 0 || !service.autoAllocatedAddress) return own;
  return isOn(node.metadata['DNS_CAPTURE']) ? [service.autoAllocatedAddress] : [];
}

/** Addresses of the other IP family serve proxies that have both. */
export function extraAddresses(service: Service, proxyIps: readonly string[]): readonly string[] {
  const isDual = proxyIps.some(isIpv4) && proxyIps.some(isIpv6);
  return isDual ? service.extraAddresses : [];
}

export function isOn(flag: unknown): boolean {
  return flag === true || flag === 'true';
}

/** "reviews" and "reviews.default.svc" for a caller in its namespace, less for one elsewhere. */
export function alternativeHosts(host: string, proxyDomain: string): string[] {
  const absolute = isIpAddress(host) ? [] : [`${host}.`];
  const svc = proxyDomain.indexOf('.svc.');
  if (svc < 0) return [...absolute, ...sharedSuffixHosts(host, proxyDomain)];
  const at = host.indexOf('.svc.');
  if (!host.endsWith(proxyDomain.slice(svc)) || at <= 0) return absolute;
  const dot = host.indexOf('.');
  if (dot >= at) return absolute;
  const name = host.slice(0, dot);
  const qualified = host.slice(0, at);
  const isSameNamespace = host.slice(dot + 1, at) === proxyDomain.slice(0, svc);
  return isSameNamespace
    ? [...absolute, name, `${qualified}.svc`, qualified]
    : [...absolute, qualified, `${qualified}.svc`];
}

/** Domains outside Kubernetes: what is left before the suffix that both share. */
function sharedSuffixHosts(host: string, proxyDomain: string): string[] {
  const own = host.split('.').reverse();
  const other = proxyDomain.split('.').reverse();
  let shared = 0;
  while (shared < Math.min(own.length, other.length) && own[shared] === other[shared]) shared += 1;
  if (shared === 0) return [];
  const unique = own.slice(shared).reverse();
  const name = unique.join('.');
  return unique.length === 2 ? [name, `${name}.${own[shared - 1]}`] : [name];
}
