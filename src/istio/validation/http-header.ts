/**
 * Names and values of HTTP headers that routes match or change.
 * Spec: https://www.rfc-editor.org/rfc/rfc9110#section-5.1
 */
import { routingClaim } from '../routing-claim.ts';
import { headerFormatProblem } from './header-format.ts';
import { quoted } from './go-format.ts';

const NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const STRICT_NAME = /^[-_A-Za-z0-9]+$/;
const PROBE_NAME = /^[-A-Za-z0-9]+$/;
const VALUE = /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/;
const PSEUDO_HEADERS = new Set([':method', ':scheme', ':authority', ':path', ':status']);
const EMPTY = 'header name cannot be empty';

/** In a match: any header, a pseudo header or a JWT claim. */
export function matchedHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  if (routingClaim(name) || PSEUDO_HEADERS.has(name)) return undefined;
  return nameProblem(name, NAME);
}

/** In CORS lists: a header or "*". */
export function corsHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  return name === '*' ? undefined : nameProblem(name, NAME);
}

export function strictHeaderProblem(name: string): string | undefined {
  return name === '' ? EMPTY : nameProblem(name, STRICT_NAME);
}

export function probeHeaderProblem(name: string): string | undefined {
  return name === '' ? EMPTY : nameProblem(name, PROBE_NAME);
}

/** Set or added to a request, where the authority may be changed. */
export function setHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  return name.startsWith(':') && !isAuthority(name) ? prefixProblem(name) : undefined;
}

/** Removed from a request, or changed in a response. */
export function changedHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  if (name.toLowerCase() === 'host')
    return `invalid header ${quoted(name)}: cannot set Host header`;
  return name.startsWith(':') ? prefixProblem(name) : undefined;
}

export function headerValueProblem(value: string): string | undefined {
  if (!VALUE.test(value)) return `header value configuration ${value} is invalid`;
  const format = headerFormatProblem(value);
  return format === undefined ? undefined : `header value configuration: ${format}`;
}

export function isAuthority(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === ':authority' || lower === 'host';
}

function nameProblem(name: string, pattern: RegExp): string | undefined {
  return pattern.test(name) ? undefined : `header name ${name} is not a valid header name`;
}

function prefixProblem(name: string): string {
  return `invalid header ${quoted(name)}: header cannot have ":" prefix`;
}
