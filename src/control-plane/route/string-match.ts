/** Turns a VirtualService's StringMatch into Envoy's. Spec: istio pilot/pkg/networking/util/util.go. */
import type { StringMatch } from '../../istio/kinds/string-match.ts';
import type { StringMatcher } from '../../xds/resources/string-matcher.ts';

/** Undefined where nothing is asked. */
export function stringMatcher(match: StringMatch): StringMatcher | undefined {
  if (match.exact !== undefined) return { exact: match.exact };
  if (match.prefix !== undefined) return { prefix: match.prefix };
  if (match.regex !== undefined) return { safe_regex: { regex: match.regex } };
  return undefined;
}

/** `{}` and `regex: "*"` ask only that there is a value. */
export function asksPresence(match: StringMatch | undefined): boolean {
  if (!match) return true;
  if (match.regex !== undefined) return match.regex === '*';
  return match.exact === undefined && match.prefix === undefined;
}
