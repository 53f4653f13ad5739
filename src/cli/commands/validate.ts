/** `validate`: what the API server and istiod's webhook say, document by document. */
import { validateDocument } from '../../istio/document.ts';
import { readDocuments } from '../../kube/yaml/documents.ts';
import { validateRow, type ValidationRow } from '../../istio/validation/message.ts';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { readInputFiles, readJson } from '../input.ts';
import { printAnswer, printJson, tableText } from '../output.ts';

interface DocumentAnswer {
  readonly index: number;
  readonly file: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly accepted: boolean;
  readonly stage?: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly ranges: readonly object[];
}

export const command = defineCommand(
  {
    name: 'validate',
    summary: "Says what the API server and istiod's webhook would say, document by document.",
    usage: 'validate PATH… [--unknown-fields ignore] | validate --rows FILE',
    example: 'mesh validate destination-rule.yaml',
    flags: {
      'unknown-fields': {
        kind: 'value',
        value: 'refuse|ignore',
        help: "ignore prunes unknown fields, as kubectl's --validate=ignore",
      },
      rows: { kind: 'value', value: 'FILE', help: 'JSON array of messages to validate' },
      json: { kind: 'switch', help: 'one JSON document, even on a terminal' },
    },
  },
  ({ positionals, flags }) => {
    if (flags.rows !== undefined) return answerRows(flags.rows);
    if (positionals.length === 0)
      throw new CommandFailure('validate needs a PATH (try: mesh validate --help)');
    const unknownFields = unknownFieldsMode(flags['unknown-fields']);
    const documents = validatePaths(positionals, unknownFields);
    printAnswer({ documents }, { json: flags.json, table: () => table(documents) });
    return documents.every((document) => document.accepted) ? 0 : 1;
  },
);

function validatePaths(
  paths: readonly string[],
  unknownFields: 'refuse' | 'ignore',
): DocumentAnswer[] {
  const documents = readInputFiles(paths).flatMap(({ path, text }) => readDocuments(text, path));
  return documents.map((document, index) => {
    const verdict = validateDocument(document, { unknownFields });
    return {
      index,
      file: document.path,
      kind: verdict.kind,
      namespace: verdict.namespace,
      name: verdict.name,
      accepted: verdict.accepted,
      ...(verdict.stage && { stage: verdict.stage }),
      errors: verdict.errors,
      warnings: verdict.warnings,
      ranges: verdict.ranges,
    };
  });
}

function answerRows(file: string): 0 | 1 {
  const rows = readJson(file);
  if (!Array.isArray(rows)) throw new CommandFailure(`cannot read ${file}: not a JSON array`);
  const answers = (rows as ValidationRow[]).map((row) => {
    try {
      return { id: row.id, ...validateRow(row) };
    } catch (error) {
      return { id: row.id, error: `internal: ${error instanceof Error ? error.message : error}` };
    }
  });
  printJson(answers);
  return answers.every((answer) => 'valid' in answer && answer.valid) ? 0 : 1;
}

function unknownFieldsMode(text: string | undefined): 'refuse' | 'ignore' {
  if (text === undefined || text === 'refuse') return 'refuse';
  if (text === 'ignore') return 'ignore';
  throw new CommandFailure(`--unknown-fields is refuse or ignore, not "${text}"`);
}

function table(documents: readonly DocumentAnswer[]): string {
  const rows = documents.map((document) => [
    document.file,
    `${document.kind} ${document.namespace}/${document.name}`,
    document.accepted ? 'accepted' : `refused (${document.stage ?? ''})`,
    [...document.errors, ...document.warnings.map((text) => `warning: ${text}`)].join('; '),
  ]);
  return tableText(['FILE', 'DOCUMENT', 'VERDICT', 'WORDS'], rows);
}
