/** Models the parts of a request target: path, and what follows it. */

const AFTER_PATH = /[?#]/;

/** `rest` is the query with its "?" (or the fragment with its "#"), or "". */
export function splitPath(target: string): { path: string; rest: string } {
  // Most have neither: looking for one character at a time is far quicker than the expression.
  if (!target.includes('?') && !target.includes('#')) return { path: target, rest: '' };
  const at = target.search(AFTER_PATH);
  return at < 0
    ? { path: target, rest: '' }
    : { path: target.slice(0, at), rest: target.slice(at) };
}
