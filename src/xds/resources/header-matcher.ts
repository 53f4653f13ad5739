/** Models matchers of headers and query parameters. Spec: envoy config/route/v3/route_components.proto. */
import type { Int64Range } from './address.ts';
import type { RegexMatcher, StringMatcher } from './string-matcher.ts';

export interface HeaderMatcher {
  name: string;
  string_match?: StringMatcher;
  range_match?: Int64Range;
  present_match?: boolean;
  invert_match?: boolean;
  treat_missing_header_as_empty?: boolean;
  /** Deprecated forms of `string_match`. */
  exact_match?: string;
  safe_regex_match?: RegexMatcher;
  prefix_match?: string;
  suffix_match?: string;
  contains_match?: string;
}

export interface QueryParameterMatcher {
  name: string;
  string_match?: StringMatcher;
  present_match?: boolean;
}

export interface CookieMatcher {
  name: string;
  string_match: StringMatcher;
  invert_match?: boolean;
}
