/** Writes every event of a run as a JSON line: time in microseconds, kind, its named fields. */
import fs from 'node:fs';
import type { Session } from '../../mesh/session.ts';
import { cannot } from '../failure.ts';

const BATCH_LINES = 10_000;

/** Begins to record; the returned function writes the rest and closes the file. */
export function recordTrace(session: Session, file: string): () => void {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'w');
  } catch (error) {
    throw cannot('write', file, error);
  }
  const { trace } = session.mesh.simulation;
  let lines: string[] = [];
  const flush = () => {
    fs.writeSync(descriptor, lines.join(''));
    lines = [];
  };
  const stop = trace.subscribe((kind, time, ...numbers) => {
    const fields = kind.fields.map((field, index): [string, string | number] =>
      field.endsWith('$')
        ? [field.slice(0, -1), trace.text(numbers[index]!)]
        : [field, numbers[index]!],
    );
    lines.push(`${JSON.stringify({ time, kind: kind.name, ...Object.fromEntries(fields) })}\n`);
    if (lines.length >= BATCH_LINES) flush();
  });
  return () => {
    stop();
    flush();
    fs.closeSync(descriptor);
  };
}
