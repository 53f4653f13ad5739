/**
 * Models rewriting of path and host on the way upstream.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileRegex } from '../matching/regex.ts';
import type { PathMatcher } from './path-matcher.ts';
import { splitPath } from './path.ts';

/** The new path (query kept) or host; undefined: it stays as it is. */
export type Rewrite = (headers: HeaderMap) => string | undefined;

export function compilePathRewrite(action: Message, matcher: PathMatcher): Rewrite | undefined {
  const kinds = (['prefix_rewrite', 'regex_rewrite', 'path_rewrite_policy'] as const).filter(
    (field) => (field === 'prefix_rewrite' ? action.text(field) !== '' : action.has(field)),
  );
  if (kinds.length > 1)
    throw new ConfigError(
      'Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy',
    );
  const [kind] = kinds;
  switch (kind) {
    case 'prefix_rewrite': {
      const prefix = action.text('prefix_rewrite');
      if (matcher.kind === 'template')
        throw new ConfigError('Cannot use prefix_rewrite with matcher extension');
      return rewriting((path) => prefix + path.slice(matcher.matchedPart(path).length));
    }
    case 'regex_rewrite': {
      const rewrite = action.messageOrEmpty('regex_rewrite');
      const regex = compileRegex(rewrite.messageOrEmpty('pattern'));
      const substitution = rewrite.text('substitution');
      return rewriting((path) => regex.replaceAll(path, substitution));
    }
    case 'path_rewrite_policy': {
      const policy = action.messageOrEmpty('path_rewrite_policy').any('typed_config');
      const template = policy?.message.text('path_template_rewrite') ?? '';
      return rewriting((path) => matcher.template?.rewrite(path, template));
    }
    case undefined:
      return undefined;
  }
}

function rewriting(change: (path: string) => string | undefined): Rewrite {
  return (headers) => {
    const { path, rest } = splitPath(headers.get(':path') ?? '');
    const changed = change(path);
    return changed === undefined ? undefined : changed + rest;
  };
}

export function compileHostRewrite(action: Message): Rewrite | undefined {
  const kind = action.oneof(
    'host_rewrite_literal',
    'host_rewrite_header',
    'host_rewrite_path_regex',
  );
  switch (kind) {
    case 'host_rewrite_literal': {
      const host = action.text('host_rewrite_literal');
      return () => host;
    }
    case 'host_rewrite_header': {
      const name = action.text('host_rewrite_header').toLowerCase();
      return (headers) => headers.get(name) || undefined;
    }
    case 'host_rewrite_path_regex': {
      const rewrite = action.messageOrEmpty('host_rewrite_path_regex');
      const regex = compileRegex(rewrite.messageOrEmpty('pattern'));
      const substitution = rewrite.text('substitution');
      return (headers) => {
        const { path } = splitPath(headers.get(':path') ?? '');
        return regex.replaceAll(path, substitution);
      };
    }
    case undefined:
      return undefined;
  }
}
