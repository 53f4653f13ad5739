/** A command that cannot run: one line that says what, where and what to do; exit status 2. */

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** `cannot('read', 'a.yaml', error)` → CommandFailure "cannot read a.yaml: no such file". */
export function cannot(verb: string, what: string, cause: unknown): CommandFailure {
  return new CommandFailure(`cannot ${verb} ${what}: ${reason(cause)}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
};

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? cause.message.split('\n', 1)[0] ?? cause.message;
}
