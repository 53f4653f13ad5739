/**
 * Models URI templates: "/users/{id}/**" to match, "/{id}/profile" to rewrite.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto
 */
import { ConfigError } from '../config/config-error.ts';
import { regexOf, type Regex } from '../matching/regex.ts';
import { RE2JS } from 're2js';

export interface UriTemplate {
  readonly text: string;
  matches(path: string): boolean;
  /** The rewrite with the path's variables put in; undefined when the path does not match. */
  rewrite(path: string, rewrite: string): string | undefined;
}

/** What a segment may contain, as Envoy's path template grammar has it (pchar without "/"). */
const SEGMENT = "[a-zA-Z0-9-._~%!$&'()+,;:@=]+";
const SEGMENTS = "[a-zA-Z0-9-._~%!$&'()+,;:@=/]*";
const VARIABLE = /\{([A-Za-z]\w*)(?:=([^}]*))?\}/y;

export function compileUriTemplate(text: string): UriTemplate {
  if (!text.startsWith('/'))
    throw new ConfigError(`path_match_policy.path_template ${text} is invalid`);
  const names: string[] = [];
  const pattern = patternOf(text, names);
  const regex: Regex = regexOf(pattern);
  const capture = RE2JS.compile(`^(?:${pattern})$`);
  return {
    text,
    matches: (path) => regex.matches(path),
    rewrite(path, rewrite) {
      const matcher = capture.matcher(path);
      if (!matcher.find()) return undefined;
      return rewrite.replace(/\{(\w+)\}/g, (whole, name: string) => {
        const at = names.indexOf(name);
        return at < 0 ? whole : (matcher.group(at + 1) ?? '');
      });
    },
  };
}

function patternOf(text: string, names: string[]): string {
  let pattern = '';
  for (let at = 0; at < text.length;) {
    VARIABLE.lastIndex = at;
    const variable = VARIABLE.exec(text);
    if (variable) {
      const end = VARIABLE.lastIndex;
      names.push(variable[1]!);
      pattern += `(${variable[2] === undefined ? SEGMENT : patternOf(variable[2], names)})`;
      at = end;
    } else if (text.startsWith('**', at)) {
      pattern += SEGMENTS;
      at += 2;
    } else if (text[at] === '*') {
      pattern += SEGMENT;
      at += 1;
    } else {
      pattern += RE2JS.quote(text[at]!);
      at += 1;
    }
  }
  return pattern;
}
