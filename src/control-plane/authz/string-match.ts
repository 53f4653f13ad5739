/**
 * Models how policies compare text: exactly, or with one star at either end.
 *
 * Spec: istio pilot/pkg/security/authz/matcher.
 */
import type { HeaderMatcher } from '../../xds/resources/header-matcher.ts';
import type { StringMatcher } from '../../xds/resources/string-matcher.ts';

/** `scheme` is put before the value ("spiffe://"). */
export function policyString(value: string, scheme = ''): StringMatcher {
  if (value === '*') return regexMatch('.+');
  if (value.startsWith('*'))
    return scheme === ''
      ? { suffix: value.slice(1) }
      : regexMatch(`${scheme}.*${escapeRegex(value.slice(1))}`);
  if (value.endsWith('*')) return { prefix: scheme + value.slice(0, -1) };
  return { exact: scheme + value };
}

export function policyHeader(name: string, value: string, ignoreCase = false): HeaderMatcher {
  if (value === '*') return { name, present_match: true };
  return {
    name,
    string_match: { ...policyString(value), ...(ignoreCase && { ignore_case: true }) },
  };
}

export function regexMatch(regex: string): StringMatcher {
  return { safe_regex: { regex } };
}

/** As Go's regexp.QuoteMeta. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
