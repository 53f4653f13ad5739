import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runScript } from '../../src/cli/proxy/run-script.ts';
import { parseBootstrap, type Script } from '../../src/cli/proxy/script.ts';
import { sharedFolder } from '../support/shared-data.ts';

type Entry = Readonly<Record<string, unknown>>;

const verdictOf = ({ status, flags, details }: Entry) => ({
  status,
  flags: [...((flags as string[] | undefined) ?? [])].sort(),
  details,
});

test('status, flags and details are those that Envoy gave to the same requests', () => {
  const folder = sharedFolder('oracle/envoy/cases');
  if (!folder) return;
  const ours: Record<string, unknown> = {};
  const recorded: Record<string, unknown> = {};
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith('tcp-')) continue;
    const read = (file: string) => fs.readFileSync(path.join(folder, name, file), 'utf8');
    const script = JSON.parse(read('script.json')) as Script;
    const answer = JSON.parse(read('answer.json')) as { steps: Record<string, Entry> };
    const result = runScript(parseBootstrap(read('bootstrap.yaml')), script, 1);
    const steps = ('steps' in result ? result.steps : {}) as Record<string, Entry | undefined>;
    for (const [id, entry] of Object.entries(answer.steps)) {
      if (!('flags' in entry)) continue;
      recorded[`${name}/${id}`] = verdictOf(entry);
      ours[`${name}/${id}`] = verdictOf(steps[id] ?? {});
    }
  }
  expect(ours).toEqual(recorded);
}, 60_000);
