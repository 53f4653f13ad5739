/**
 * Models the search for a virtual host: exact domain, longest suffix wildcard (*.foo.com), longest
 * prefix wildcard (foo.*), then "*". A wildcard stands for at least one character.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
/** How many authorities are remembered; then remembering starts afresh. */
const FOUND_MAX = 1_000;

export class DomainIndex<Host> {
  readonly #ignorePort: boolean;
  readonly #exact = new Map<string, Host>();
  /** By length, longest first: what stands beside the star → host. */
  #suffixes: WildcardLevel<Host>[] = [];
  #prefixes: WildcardLevel<Host>[] = [];
  #any: Host | undefined;
  /** What was found: clients ask for the same few authorities again and again. */
  readonly #found = new Map<string, Host>();

  constructor(ignorePort: boolean) {
    this.#ignorePort = ignorePort;
  }

  /** False when the domain is taken. */
  add(domain: string, host: Host): boolean {
    const lower = domain.toLowerCase();
    if (lower === '*') {
      if (this.#any) return false;
      this.#any = host;
      return true;
    }
    if (lower.startsWith('*')) return addWildcard(this.#suffixes, lower.slice(1), host);
    if (lower.endsWith('*')) return addWildcard(this.#prefixes, lower.slice(0, -1), host);
    if (this.#exact.has(lower)) return false;
    this.#exact.set(lower, host);
    return true;
  }

  /** Call it once all domains are added. */
  find(authority: string): Host | undefined {
    const known = this.#found.get(authority);
    if (known !== undefined) return known;
    const host = this.#search(authority);
    if (this.#found.size >= FOUND_MAX) this.#found.clear();
    if (host !== undefined) this.#found.set(authority, host);
    return host;
  }

  #search(authority: string): Host | undefined {
    const host = this.#ignorePort ? withoutPort(authority) : authority;
    const exact = this.#exact.get(host) ?? this.#exact.get(host.toLowerCase());
    if (exact !== undefined) return exact;
    if (this.#suffixes.length + this.#prefixes.length > 0) {
      const lower = host.toLowerCase();
      for (const { length, hosts } of this.#suffixes)
        if (lower.length > length) {
          const found = hosts.get(lower.slice(-length));
          if (found !== undefined) return found;
        }
      for (const { length, hosts } of this.#prefixes)
        if (lower.length > length) {
          const found = hosts.get(lower.slice(0, length));
          if (found !== undefined) return found;
        }
    }
    return this.#any;
  }
}

interface WildcardLevel<Host> {
  readonly length: number;
  readonly hosts: Map<string, Host>;
}

function addWildcard<Host>(levels: WildcardLevel<Host>[], text: string, host: Host): boolean {
  let level = levels.find(({ length }) => length === text.length);
  if (!level) {
    levels.push((level = { length: text.length, hosts: new Map() }));
    levels.sort((one, other) => other.length - one.length);
  }
  if (level.hosts.has(text)) return false;
  level.hosts.set(text, host);
  return true;
}

/** "host:80" → "host"; an IPv6 address keeps its brackets. */
export function withoutPort(authority: string): string {
  const colon = authority.lastIndexOf(':');
  if (colon < 0 || authority.indexOf(']', colon) >= 0) return authority;
  const port = authority.slice(colon + 1);
  return /^\d+$/.test(port) ? authority.slice(0, colon) : authority;
}
