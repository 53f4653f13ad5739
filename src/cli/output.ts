/** How a command answers: one JSON document, JSON lines, or a table for a person. */

export interface AnswerForm {
  /** --json was given. It is also the default when standard output is not a terminal. */
  readonly json: boolean;
  /** What a person reads. Without it the answer is always JSON. */
  readonly table?: () => string;
}

/** Writes the answer to standard output. */
export function printAnswer(value: unknown, { json, table }: AnswerForm): void {
  if (!table || json || !process.stdout.isTTY) printJson(value);
  else process.stdout.write(ended(table()));
}

/** One JSON document, indented on a terminal. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

/** One line of a batch's answer; it is out before the next item starts. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Progress and warnings: standard error, so that the answer stays clean. */
export function printNote(text: string): void {
  process.stderr.write(ended(text));
}

/** Columns as wide as their widest cell, two spaces between, as kubectl prints them. */
export function tableText(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
