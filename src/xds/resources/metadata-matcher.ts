/** Models matchers of metadata. Spec: envoy type/matcher/v3/metadata.proto, value.proto. */
import type { StringMatcher } from './string-matcher.ts';

export interface DoubleMatcher {
  range?: { start?: number; end?: number };
  exact?: number;
}

/** Exactly one of the fields is set. */
export interface ValueMatcher {
  null_match?: object;
  double_match?: DoubleMatcher;
  string_match?: StringMatcher;
  bool_match?: boolean;
  present_match?: boolean;
  list_match?: { one_of?: ValueMatcher };
  or_match?: { value_matchers?: ValueMatcher[] };
}

export interface MetadataMatcher {
  filter: string;
  path?: { key: string }[];
  value?: ValueMatcher;
  invert?: boolean;
}

export interface FilterStateMatcher {
  key: string;
  string_match?: StringMatcher;
  address_match?: {
    ranges?: { address_prefix: string; prefix_len?: number }[];
    invert_match?: boolean;
  };
}
