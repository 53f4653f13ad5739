/** Models matchers of text. Spec: envoy type/matcher/v3/string.proto, regex.proto, path.proto. */
import type { TypedExtensionConfig } from './any.ts';

export interface RegexMatcher {
  google_re2?: { max_program_size?: number };
  regex: string;
}

/** Exactly one of the patterns is set. */
export interface StringMatcher {
  exact?: string;
  prefix?: string;
  suffix?: string;
  safe_regex?: RegexMatcher;
  contains?: string;
  custom?: TypedExtensionConfig;
  ignore_case?: boolean;
}

export interface ListStringMatcher {
  patterns?: StringMatcher[];
}

export interface PathMatcher {
  path: StringMatcher;
}

export interface RegexMatchAndSubstitute {
  pattern: RegexMatcher;
  substitution?: string;
}
