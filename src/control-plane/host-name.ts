/**
 * Models host names as istiod resolves and compares them: short names become full names, and of
 * several patterns the most specific wins.
 *
 * Spec: istio pilot/pkg/model/config.go (ResolveShortnameToFQDN, MostSpecificHostMatch), pkg/config/host.
 */
import { hostWithin, isWildcard } from '../istio/host-name.ts';

/** "reviews" in namespace default → "reviews.default.svc.cluster.local"; names with a dot stay. */
export function fullHostName(host: string, namespace: string, domainSuffix: string): string {
  if (host === '' || host.includes('.') || host.startsWith('*')) return host;
  return domainSuffix === '' ? `${host}.${namespace}` : `${host}.${namespace}.svc.${domainSuffix}`;
}

/** Rules by host, exact names and patterns apart. */
export class HostIndex<T> {
  readonly #exact = new Map<string, T>();
  readonly #patterns = new Map<string, T>();
  #sorted: [string, T][] | undefined;

  get(host: string): T | undefined {
    return this.#exact.get(host) ?? this.#patterns.get(host);
  }

  set(host: string, value: T): void {
    if (isWildcard(host)) {
      this.#patterns.set(host, value);
      this.#sorted = undefined;
    } else this.#exact.set(host, value);
  }

  /** The value of the exact name, else of the longest pattern that covers all of `host`. */
  mostSpecific(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined && !isWildcard(host)) return exact;
    this.#sorted ??= [...this.#patterns].sort(([a], [b]) => b.length - a.length);
    return this.#sorted.find(([pattern]) => hostWithin(host, pattern))?.[1];
  }
}
