/**
 * Models the part of a URL that decides where a request goes: "http://reviews:9080/reviews/0".
 *
 * Spec: RFC 3986. Simplified: no user information; a fragment is dropped.
 */
export interface HttpUrl {
  readonly scheme: 'http' | 'https';
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** What stands in the Host header: the port is left out where it is the scheme's own. */
  readonly authority: string;
  /** Path and query; at least "/". */
  readonly path: string;
}

const PATTERN = /^(?:(https?|grpc):\/\/)?(\[[^\]]*\]|[^/:?#]+)(?::(\d{1,5}))?([^#]*)/i;

/** The parts of a URL; a missing scheme is http. Undefined when it is no URL of HTTP. */
export function parseUrl(text: string): HttpUrl | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const scheme = match[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const hostInUrl = match[2]!;
  const ownPort = scheme === 'https' ? 443 : 80;
  const port = match[3] === undefined ? ownPort : Number(match[3]);
  if (port > 65_535) return undefined;
  const rest = match[4]!;
  return {
    scheme,
    host: hostInUrl.startsWith('[') ? hostInUrl.slice(1, -1) : hostInUrl,
    port,
    authority: port === ownPort ? hostInUrl : `${hostInUrl}:${port}`,
    path: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** True for an IPv4 or IPv6 address, which needs no resolver. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/** The path without its query. */
export function pathOnly(path: string): string {
  const at = path.indexOf('?');
  return at < 0 ? path : path.slice(0, at);
}

const NO_QUERY: ReadonlyMap<string, string> = new Map();

/** The parameters of a path's query, decoded; the first of a repeated name counts. */
export function queryOf(path: string): ReadonlyMap<string, string> {
  const at = path.indexOf('?');
  if (at < 0) return NO_QUERY;
  const query = new Map<string, string>();
  for (const part of path.slice(at + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = decoded(equals < 0 ? part : part.slice(0, equals));
    if (name !== '' && !query.has(name))
      query.set(name, equals < 0 ? '' : decoded(part.slice(equals + 1)));
  }
  return query;
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) return spaced;
    throw error;
  }
}
