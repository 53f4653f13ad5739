/**
 * Models the path part of a RouteMatch: prefix, exact, regex, separated prefix, CONNECT, template.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileRegex } from '../matching/regex.ts';
import { compileUriTemplate, type UriTemplate } from './uri-template.ts';

export interface PathMatcher {
  readonly kind: 'prefix' | 'path' | 'regex' | 'separated-prefix' | 'connect' | 'template';
  /** What stands in the configuration, for people. */
  readonly text: string;
  /** `path` has no query. */
  matches(path: string, headers: HeaderMap): boolean;
  /** What of the path a prefix_rewrite replaces. */
  matchedPart(path: string): string;
  readonly template: UriTemplate | undefined;
}

const TEMPLATE = 'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig';

export function compilePathMatcher(match: Message): PathMatcher {
  const kind = match.oneof(
    'prefix',
    'path',
    'safe_regex',
    'path_separated_prefix',
    'connect_matcher',
    'path_match_policy',
  );
  const caseSensitive = match.boolean('case_sensitive') ?? true;
  switch (kind) {
    case 'prefix':
      return prefixMatcher(match.text('prefix'), caseSensitive);
    case 'path':
      return exactMatcher(match.text('path'), caseSensitive);
    case 'safe_regex':
      return regexMatcher(match.messageOrEmpty('safe_regex'));
    case 'path_separated_prefix':
      return separatedPrefixMatcher(match.text('path_separated_prefix'), caseSensitive);
    case 'connect_matcher':
      return {
        ...whole('connect', 'CONNECT'),
        matches: (_path, headers) => headers.get(':method') === 'CONNECT',
      };
    case 'path_match_policy':
      return templateMatcher(match.messageOrEmpty('path_match_policy'));
    default:
      throw new ConfigError('field: "path_specifier", reason: is required');
  }
}

type Fixed = Pick<PathMatcher, 'kind' | 'text' | 'matchedPart' | 'template'>;

const whole = (kind: PathMatcher['kind'], text: string): Fixed => ({
  kind,
  text,
  matchedPart: (path) => path,
  template: undefined,
});

function prefixMatcher(prefix: string, caseSensitive: boolean): PathMatcher {
  const part = {
    ...whole('prefix', prefix),
    matchedPart: (path: string) => path.slice(0, prefix.length),
  };
  if (prefix === '/') return { ...part, matches: (path) => path.charCodeAt(0) === 47 };
  if (caseSensitive) return { ...part, matches: (path) => path.startsWith(prefix) };
  const lower = prefix.toLowerCase();
  return { ...part, matches: (path) => path.slice(0, lower.length).toLowerCase() === lower };
}

function exactMatcher(wanted: string, caseSensitive: boolean): PathMatcher {
  if (caseSensitive) return { ...whole('path', wanted), matches: (path) => path === wanted };
  const lower = wanted.toLowerCase();
  return { ...whole('path', wanted), matches: (path) => path.toLowerCase() === lower };
}

function regexMatcher(message: Message): PathMatcher {
  const regex = compileRegex(message);
  return { ...whole('regex', regex.pattern), matches: (path) => regex.matches(path) };
}

/** "/a" matches "/a" and "/a/b", not "/ab". */
function separatedPrefixMatcher(prefix: string, caseSensitive: boolean): PathMatcher {
  const inner = prefixMatcher(prefix, caseSensitive);
  return {
    ...inner,
    kind: 'separated-prefix',
    matches: (path, headers) =>
      inner.matches(path, headers) &&
      (path.length === prefix.length || path[prefix.length] === '/'),
  };
}

function templateMatcher(policy: Message): PathMatcher {
  const typed = policy.any('typed_config');
  if (typed?.type !== TEMPLATE)
    throw new ConfigError(
      `Didn't find a registered implementation for '${policy.text('name')}' with type URL: '${typed?.type ?? ''}'`,
    );
  const template = compileUriTemplate(typed.message.text('path_template'));
  return {
    ...whole('template', template.text),
    template,
    matches: (path) => template.matches(path),
  };
}
