/** `mesh exec SCENE -- COMMAND`: one or more terminal commands against a running mesh. */
import { Session } from '../../mesh/session.ts';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { printNote } from '../output.ts';
import { microsecondsOf, sceneFrom } from '../scene-folder.ts';

export const command = defineCommand(
  {
    name: 'exec',
    summary: 'Runs commands of the terminal against a running mesh; several are parted by ";".',
    usage: 'exec SCENE [--after 10s] [--seed N] -- COMMAND [";" COMMAND…]',
    example: 'npm run -s mesh -- exec scenes/bookinfo --after 10s -- istioctl proxy-status',
    flags: {
      after: { kind: 'value', value: 'TIME', help: 'virtual time before the first command; 10s' },
      seed: { kind: 'number', value: 'N', help: "the run's seed; default: the scene's" },
    },
    positionals: { min: 1, max: 1 },
  },
  ({ positionals, flags, rest }) => {
    const lines = commandLines(rest);
    if (lines.length === 0)
      throw new CommandFailure('exec needs a command after "--": exec SCENE -- kubectl get pods');
    const afterUs = microsecondsOf('after', flags.after ?? '10s');
    const scene = sceneFrom(positionals[0]!);
    const session = new Session(scene, flags.seed ?? scene.seed);
    const { mesh } = session;
    for (const problem of mesh.startProblems) printNote(problem);
    session.advance(mesh.simulation.now + afterUs);
    let failed = false;
    for (const line of lines) {
      const result = session.act({ type: 'exec', line });
      process.stdout.write(result.output === '' ? '' : `${result.output.trimEnd()}\n`);
      failed ||= result.failed;
      // what a command changes takes a moment to arrive everywhere
      session.advance(mesh.simulation.now + 1_000_000);
    }
    return failed ? 1 : 0;
  },
);

/** Words between ";" or further "--", put together as a shell would read them again. */
function commandLines(words: readonly string[]): string[] {
  const lines: string[][] = [[]];
  for (const word of words) {
    if (word === ';') {
      lines.push([]);
      continue;
    }
    // "kubectl exec POD -- curl …" keeps its own dashes
    if (word === '--' && lines.at(-1)!.length === 0) continue;
    lines.at(-1)!.push(quoted(word));
  }
  return lines.filter((line) => line.length > 0).map((line) => line.join(' '));
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
