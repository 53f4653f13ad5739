/**
 * Models redirects: the new URI out of the request and a RedirectAction.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction
 */
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileRegex } from '../matching/regex.ts';
import type { PathMatcher } from './path-matcher.ts';
import { splitPath } from './path.ts';

export interface Redirect {
  readonly status: number;
  newUri(headers: HeaderMap): string;
}

const CODES: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

interface Target {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly stripQuery: boolean;
  /** prefix_rewrite or regex_rewrite; undefined when there is neither. */
  readonly rewrite: ((path: string) => string) | undefined;
}

export function compileRedirect(action: Message, matcher: PathMatcher): Redirect {
  const port = action.number('port_redirect') ?? 0;
  const target: Target = {
    scheme: action.flag('https_redirect') ? 'https' : action.text('scheme_redirect'),
    host: action.text('host_redirect'),
    port: port === 0 ? '' : `:${port}`,
    path: action.text('path_redirect'),
    stripQuery: action.flag('strip_query'),
    rewrite: compileRewrite(action, matcher),
  };
  return {
    status: CODES[action.text('response_code')] ?? 301,
    newUri: (headers) => newUri(target, headers),
  };
}

/** The redirect that `require_tls` makes: the same URI over https. */
export const TO_HTTPS: Target = {
  scheme: 'https',
  host: '',
  port: '',
  path: '',
  stripQuery: false,
  rewrite: undefined,
};

function compileRewrite(
  action: Message,
  matcher: PathMatcher,
): ((path: string) => string) | undefined {
  const regexRewrite = action.message('regex_rewrite');
  if (regexRewrite) {
    const regex = compileRegex(regexRewrite.messageOrEmpty('pattern'));
    const substitution = regexRewrite.text('substitution');
    return (path) => regex.replaceAll(path, substitution);
  }
  if (!action.has('prefix_rewrite')) return undefined;
  const prefix = action.text('prefix_rewrite');
  return (path) => prefix + path.slice(matcher.matchedPart(path).length);
}

export function newUri(target: Target, headers: HeaderMap): string {
  const scheme = target.scheme || (headers.get(':scheme') ?? 'http');
  const host = target.host || hostWithoutPort(headers, scheme, target.port);
  return `${scheme}://${host}${target.port}${newPath(target, headers)}`;
}

/** The request's host; its port goes when another is set or when it was the old scheme's default. */
function hostWithoutPort(headers: HeaderMap, scheme: string, port: string): string {
  const host = headers.get(':authority') ?? '';
  const colon = host.startsWith('[') ? host.lastIndexOf(']:') + 1 : host.lastIndexOf(':');
  if (colon <= 0) return host;
  const was = headers.get('x-forwarded-proto') ?? headers.get(':scheme');
  const hostPort = host.slice(colon);
  const isDefault =
    scheme !== was &&
    ((was === 'https' && hostPort === ':443') || (was === 'http' && hostPort === ':80'));
  return port !== '' || isDefault ? host.slice(0, colon) : host;
}

/** A query in `path_redirect` wins and is never stripped. */
function newPath(target: Target, headers: HeaderMap): string {
  if (target.path.includes('?')) return target.path;
  const { path, rest } = splitPath(headers.get(':path') ?? '');
  const query = target.stripQuery ? '' : rest;
  if (target.path) return (target.path.startsWith('/') ? '' : '/') + target.path + query;
  return (target.rewrite ? target.rewrite(path) : path) + query;
}
