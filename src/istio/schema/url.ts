/**
 * The scheme of a URL as Go's `url.ParseRequestURI` reads it, which CEL's `url()` uses.
 * Spec: https://pkg.go.dev/net/url#ParseRequestURI
 */

/** Lower case; "" for an absolute path; undefined when the text is no URL. */
export function urlScheme(url: string): string | undefined {
  if (url === '' || /[\0-\x1f\x7f]/.test(url)) return undefined;
  if (url.startsWith('/')) return '';
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(url);
  if (!scheme) return undefined;
  const [, name = '', rest = ''] = scheme;
  // "host:8080/x" reads as scheme "host" with an opaque rest, which a request URI may not have
  if (!rest.startsWith('/')) return undefined;
  if (rest.startsWith('//') && !isAuthority(rest.slice(2).split(/[/?#]/)[0] ?? ''))
    return undefined;
  return name.toLowerCase();
}

function isAuthority(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return /^(\[[0-9a-fA-F:.%]+\]|[^:\s<>"[\]]*)(:\d*)?$/.test(host);
}
