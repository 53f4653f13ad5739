/** Reads a session's log: what was done in a run, as the page copies it for a reproduction. */
import * as v from 'valibot';
import { faultRequest, loadSource } from '../../mesh/scene.ts';
import type { LogEntry } from '../../protocol/messages.ts';
import { CommandFailure } from '../failure.ts';
import { readJson } from '../input.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const entry = v.strictObject({
  timeUs: count,
  eventNumber: count,
  action: v.variant('type', [
    v.strictObject({
      type: v.literal('apply'),
      files: v.array(v.strictObject({ path: v.string(), text: v.string() })),
    }),
    v.strictObject({ type: v.literal('exec'), line: v.string() }),
    v.strictObject({ type: v.literal('fault'), id: v.string(), fault: faultRequest }),
    v.strictObject({ type: v.literal('end-fault'), id: v.string() }),
    v.strictObject({ type: v.literal('load'), source: loadSource }),
  ]),
});

/** Throws a CommandFailure that names the place of what is no log. */
export function readSessionLog(file: string): readonly LogEntry[] {
  const parsed = v.safeParse(v.array(entry), readJson(file));
  if (parsed.success) return parsed.output as readonly LogEntry[];
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'the top level';
  throw new CommandFailure(`${file} is no session log: ${where}: ${issue.message}`);
}
