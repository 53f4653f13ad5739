/** `mesh proxy BOOTSTRAP SCRIPT`: one proxy against scripted upstreams and requests. */
import path from 'node:path';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { caseFolders, readJson, readText } from '../input.ts';
import { printJson, printJsonLine } from '../output.ts';
import { runScript, type RunResult } from '../proxy/run-script.ts';
import { parseBootstrap, type Script } from '../proxy/script.ts';

const DEFAULT_SEED = 1;

export const command = defineCommand(
  {
    name: 'proxy',
    summary: 'Runs an Envoy bootstrap against scripted upstreams and requests, in virtual time.',
    usage: 'proxy BOOTSTRAP SCRIPT [--seed N] | proxy --cases DIR',
    example: 'mesh proxy bootstrap.yaml script.json',
    flags: {
      seed: { kind: 'number', value: 'N', help: 'seed of all chance (default 1)' },
      cases: {
        kind: 'value',
        value: 'DIR',
        help: 'each folder of DIR has bootstrap.yaml and script.json; one JSON line a folder',
      },
    },
    positionals: { max: 2 },
  },
  ({ positionals, flags }) => {
    const seed = flags.seed ?? DEFAULT_SEED;
    if (flags.cases !== undefined) return runCases(flags.cases, seed);
    const [bootstrap, script] = positionals;
    if (bootstrap === undefined || script === undefined)
      throw new CommandFailure('proxy needs a bootstrap and a script: mesh proxy BOOTSTRAP SCRIPT');
    const answer = run(bootstrap, script, seed);
    printJson(answer);
    return 'error' in answer ? 1 : 0;
  },
);

function run(bootstrap: string, script: string, seed: number): RunResult {
  return runScript(parseBootstrap(readText(bootstrap)), readJson(script) as Script, seed);
}

function runCases(folder: string, seed: number): number {
  for (const name of caseFolders(folder)) {
    const file = (base: string) => path.join(folder, name, base);
    try {
      const answer = run(file('bootstrap.yaml'), file('script.json'), seed);
      printJsonLine({ case: name, ...answer });
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      printJsonLine({ case: name, error: `internal: ${text}` });
    }
  }
  return 0;
}
