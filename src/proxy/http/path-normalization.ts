/**
 * Models path normalisation: dot segments, backslashes, needless escapes, escaped slashes, doubled
 * slashes. A path that cannot be normalised is refused.
 *
 * Spec: RFC 3986 section 6, the WHATWG URL standard as Chromium's canonicaliser has it;
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers (path)
 */
export type EscapedSlashes = 'keep' | 'reject' | 'unescape-and-redirect' | 'unescape-and-forward';

export interface PathRules {
  readonly normalize: boolean;
  readonly mergeSlashes: boolean;
  readonly escapedSlashes: EscapedSlashes;
}

export type PathVerdict =
  | { readonly verdict: 'accept'; readonly path: string }
  | { readonly verdict: 'redirect'; readonly path: string }
  | { readonly verdict: 'reject' };

const REJECT: PathVerdict = { verdict: 'reject' };

/** Applies the rules to a request target (path and query). */
export function applyPathRules(target: string, rules: PathRules): PathVerdict {
  let path: string | undefined = target;
  let redirect = false;
  if (rules.escapedSlashes !== 'keep' && target.includes('%')) {
    const unescaped = unescapeSlashes(target);
    if (unescaped !== target) {
      if (rules.escapedSlashes === 'reject') return REJECT;
      redirect = rules.escapedSlashes === 'unescape-and-redirect';
      path = unescaped;
    }
  }
  if (rules.normalize) {
    path = normalizePath(path);
    if (path === undefined) return REJECT;
  }
  if (rules.mergeSlashes) path = mergeSlashes(path);
  return { verdict: redirect ? 'redirect' : 'accept', path };
}

/** Needs none of the rules: starts with a slash, no dots after slashes, nothing to escape. */
const PLAIN = /^\/(?!\.)(?:[\w~!$&'()*+,:=@|^[\]-]|\/(?!\.)|\.)*(?:\?.*)?$/s;

/** Targets known to be plain: clients ask for the same few again and again. */
const plain = new Set<string>();
const PLAIN_KEPT_MAX = 1_000;

function isPlain(target: string): boolean {
  if (plain.has(target)) return true;
  if (!PLAIN.test(target)) return false;
  if (plain.size >= PLAIN_KEPT_MAX) plain.clear();
  plain.add(target);
  return true;
}

/** Undefined: the path is invalid. The query is kept as it is. */
export function normalizePath(target: string): string | undefined {
  if (isPlain(target)) return target;
  const { path, query } = splitQuery(target);
  const canonical = canonicalCharacters(path.startsWith('/') ? path : `/${path}`);
  return canonical === undefined ? undefined : resolveDots(canonical) + query;
}

function splitQuery(target: string): { path: string; query: string } {
  const at = target.search(/[?#]/);
  return at < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, at), query: target.slice(at) };
}

const UNRESERVED = /[\w.~-]/;
const ESCAPED = /[\u0000-\u0020"<>`{}\u007f]/;

/** Backslashes turned, unreserved characters unescaped, unsafe ones escaped; NUL is invalid. */
function canonicalCharacters(path: string): string | undefined {
  let out = '';
  for (let i = 0; i < path.length; i++) {
    const character = path[i]!;
    if (character === '\\') out += '/';
    else if (character === '%' && /^[0-9a-fA-F]{2}$/.test(path.slice(i + 1, i + 3))) {
      const decoded = String.fromCharCode(Number.parseInt(path.slice(i + 1, i + 3), 16));
      if (decoded === '\0') return undefined;
      out += UNRESERVED.test(decoded) ? decoded : path.slice(i, i + 3);
      i += 2;
    } else out += ESCAPED.test(character) ? escaped(character) : character;
  }
  return out;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** "." and ".." segments; a parameter after the dots (";x") does not save them. */
function resolveDots(path: string): string {
  const out: string[] = [];
  const segments = path.slice(1).split('/');
  segments.forEach((segment, i) => {
    const name = segment.split(';')[0];
    const isLast = i === segments.length - 1;
    if (name === '..') out.pop();
    if (name === '.' || name === '..') {
      if (isLast) out.push('');
    } else out.push(segment);
  });
  return `/${out.join('/')}`;
}

/** "%2F" and "%5C" of the path become "/" and "\". */
export function unescapeSlashes(target: string): string {
  const { path, query } = splitQuery(target);
  return path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') + query;
}

export function mergeSlashes(target: string): string {
  if (!target.includes('//')) return target;
  const { path, query } = splitQuery(target);
  if (!path.includes('//')) return target;
  const start = path.startsWith('/') ? '/' : '';
  const end = path.endsWith('/') ? '/' : '';
  const middle = path.split('/').filter((segment) => segment !== '');
  return start + middle.join('/') + end + query;
}

/** The path without query and fragment. */
export function withoutQueryAndFragment(target: string): string {
  return splitQuery(target).path;
}
