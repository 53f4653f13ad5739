/** `mesh bootstrap-check FILE…`: what `envoy --mode validate` says. */
import { load } from 'js-yaml';
import { checkBootstrap } from '../../proxy/config/bootstrap-check.ts';
import { defineCommand } from '../command.ts';
import { readText } from '../input.ts';
import { printAnswer, tableText } from '../output.ts';

interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  readonly error?: string;
}

export const command = defineCommand(
  {
    name: 'bootstrap-check',
    summary: 'Says of Envoy bootstraps what `envoy --mode validate` says.',
    usage: 'bootstrap-check FILE… [--json]',
    example: 'mesh bootstrap-check bootstrap.yaml',
    flags: { json: { kind: 'switch', help: 'answers in JSON, also on a terminal' } },
    positionals: { min: 1 },
  },
  ({ positionals, flags }) => {
    const verdicts = positionals.map(verdictOf);
    const rows = verdicts.map(({ file, valid, error }) => [
      file,
      valid ? 'ok' : 'bad',
      error ?? '',
    ]);
    printAnswer(verdicts, { ...flags, table: () => tableText(['FILE', 'VERDICT', 'ERROR'], rows) });
    return verdicts.every(({ valid }) => valid) ? 0 : 1;
  },
);

function verdictOf(file: string): Verdict {
  try {
    const error = checkBootstrap(parse(readText(file)));
    return error === undefined ? { file, valid: true } : { file, valid: false, error };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    return { file, valid: false, error: `yaml: ${text}` };
  }
}

/** Of a key that stands twice the last one counts, as for Envoy's reader. */
function parse(text: string): unknown {
  return load(text, { json: true });
}
