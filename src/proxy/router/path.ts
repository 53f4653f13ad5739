/** Models the parts of a request target: path, and what follows it. */

/** `rest` is the query with its "?" (and whatever follows), or "". */
export function splitPath(target: string): { path: string; rest: string } {
  const at = target.indexOf('?');
  return at < 0
    ? { path: target, rest: '' }
    : { path: target.slice(0, at), rest: target.slice(at) };
}
