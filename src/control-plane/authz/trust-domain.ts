/**
 * Models trust domains and their aliases in policies: a principal of one is a principal of all.
 *
 * Spec: istio pilot/pkg/security/trustdomain/bundle.go.
 */
import type { Mesh } from '../mesh-config.ts';

const DEFAULT_DOMAIN = 'cluster.local';

export class TrustDomains {
  readonly #domains: readonly string[];

  constructor({ trustDomain, trustDomainAliases = [] }: Mesh) {
    this.#domains = [trustDomain, ...trustDomainAliases];
  }

  /** "cluster.local/ns/a/sa/b" in every domain; values of another form stay as they are. */
  principals(values: readonly string[]): string[] {
    return values.flatMap((value) => {
      const [domain = '', ...rest] = value.split('/');
      if (rest.length !== 4 || domain === '*') return [value];
      const isKnown = domain === DEFAULT_DOMAIN || this.#domains.some((it) => overlap(domain, it));
      if (!isKnown) return [value];
      const replaced = this.#domains.map((it) =>
        isSuffixMatch(it, domain) ? value : [it, ...rest].join('/'),
      );
      return [...new Set(replaced)];
    });
  }

  domains(values: readonly string[]): string[] {
    return [
      ...new Set(values.flatMap((it) => (this.#domains.includes(it) ? [...this.#domains] : [it]))),
    ];
  }
}

function overlap(a: string, b: string): boolean {
  return (
    a === b ||
    b === '*' ||
    isPrefixMatch(a, b) ||
    isPrefixMatch(b, a) ||
    isSuffixMatch(a, b) ||
    isSuffixMatch(b, a)
  );
}

function isPrefixMatch(text: string, pattern: string): boolean {
  return pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1));
}

function isSuffixMatch(text: string, pattern: string): boolean {
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1));
}
