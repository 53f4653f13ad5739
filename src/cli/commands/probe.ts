/** `probe`: a whole mesh from YAML, scripted requests, what came back. */
import path from 'node:path';
import type { DocumentVerdict } from '../../istio/document.ts';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { caseFolders } from '../input.ts';
import { printAnswer, printJsonLine } from '../output.ts';
import { readProbeCase, type ProbeCase } from '../probe/case.ts';
import { startIstiod } from '../probe/istiod.ts';
import { runProbe } from '../probe/mesh.ts';
import { probeReport } from '../probe/report.ts';

export const command = defineCommand(
  {
    name: 'probe',
    summary: 'Starts a mesh from YAML, sends scripted requests, and says what came back.',
    usage: 'probe FOLDER | probe --cases DIR',
    example: 'mesh probe cases/retry-dead-pod',
    flags: {
      cases: { kind: 'value', value: 'DIR', help: 'every folder of DIR, one JSON line each' },
      json: { kind: 'switch', help: 'one JSON document, even on a terminal' },
    },
    positionals: { max: 1 },
  },
  ({ positionals, flags }) => {
    if (flags.cases !== undefined) return answerAll(flags.cases);
    const [folder] = positionals;
    if (folder === undefined)
      throw new CommandFailure('probe needs a FOLDER or --cases DIR (try: mesh probe --help)');
    const probe = readProbeCase(folder);
    const answer = answerOf(probe);
    printAnswer(answer, { json: flags.json, table: () => probeReport(probe, answer) });
    return 0;
  },
);

/** A case that breaks is answered by what broke, and the others go on. */
function answerAll(folder: string): 0 {
  for (const name of caseFolders(folder))
    try {
      printJsonLine(answerOf(readProbeCase(path.join(folder, name))));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      printJsonLine({ case: name, error: `internal: ${message}` });
    }
  return 0;
}

function answerOf(probe: ProbeCase): Record<string, unknown> {
  const istiod = startIstiod(probe);
  return {
    case: probe.name,
    documents: istiod.verdicts.map(fateOf),
    ...runProbe(probe, istiod),
  };
}

function fateOf(verdict: DocumentVerdict): Record<string, unknown> {
  const { kind, name, accepted, stage, errors, warnings } = verdict;
  return {
    kind,
    name,
    accepted,
    ...(stage && { stage }),
    ...(errors.length > 0 && { errors }),
    ...(warnings.length > 0 && { warnings }),
  };
}
