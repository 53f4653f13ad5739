/** `mesh run SCENE`: runs a mesh for a while and sums up. */
import fs from 'node:fs';
import { Session } from '../../mesh/session.ts';
import { defineCommand } from '../command.ts';
import { cannot } from '../failure.ts';
import { printAnswer, printNote, tableText } from '../output.ts';
import { readSessionLog } from '../run/session-log.ts';
import { summaryOf, type RunSummary } from '../run/summary.ts';
import { recordTrace } from '../run/trace-file.ts';
import { microsecondsOf, sceneFrom } from '../scene-folder.ts';

export const command = defineCommand(
  {
    name: 'run',
    summary: 'Runs a mesh from a scene for a while of virtual time and sums up.',
    usage: 'run SCENE [--seed N] [--for 60s] [--log FILE]',
    example: 'npm run -s mesh -- run scenes/payment --for 60s',
    flags: {
      seed: { kind: 'number', value: 'N', help: "the run's seed; default: the scene's" },
      for: { kind: 'value', value: 'TIME', help: 'virtual time to run; default 60s' },
      log: { kind: 'value', value: 'FILE', help: 'a session log (JSON) to replay' },
      trace: { kind: 'value', value: 'FILE', help: 'writes every event as a JSON line' },
      prometheus: { kind: 'value', value: 'FILE', help: 'writes the metrics as Prometheus text' },
      'access-log': { kind: 'value', value: 'FILE', help: "writes the proxies' access logs" },
      otlp: { kind: 'value', value: 'FILE', help: 'writes the spans as OTLP JSON' },
      json: { kind: 'switch', help: 'answers in JSON' },
    },
    positionals: { min: 1, max: 1 },
  },
  ({ positionals, flags }) => {
    const durationUs = microsecondsOf('for', flags.for ?? '60s');
    const scene = sceneFrom(positionals[0]!);
    const log = flags.log === undefined ? [] : readSessionLog(flags.log);
    const begin = process.hrtime.bigint();
    const session = new Session(scene, flags.seed ?? scene.seed, log);
    const start = session.mesh.simulation.now;
    const trace = flags.trace === undefined ? undefined : recordTrace(session, flags.trace);
    const travel = session.goTo(start + durationUs);
    while (!travel.next().done);
    trace?.();
    const wallSeconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const summary = summaryOf(session, durationUs, wallSeconds);
    for (const problem of session.mesh.startProblems) printNote(problem);
    if (flags.prometheus !== undefined) write(flags.prometheus, session.mesh.prometheusText());
    if (flags['access-log'] !== undefined) write(flags['access-log'], session.mesh.accessLogText());
    if (flags.otlp !== undefined) write(flags.otlp, session.mesh.otlpText());
    printAnswer(summary, { json: flags.json, table: () => table(summary) });
    return 0;
  },
);

function write(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw cannot('write', file, error);
  }
}

function table(summary: RunSummary): string {
  const flags = Object.entries(summary.byFlag).map(([flag, count]) => `${flag}: ${count}`);
  return tableText(
    ['', ''],
    [
      ['trace hash', summary.traceHash],
      ['events', summary.events],
      ['virtual seconds', summary.virtualSeconds],
      ['wall seconds', summary.wallSeconds.toFixed(2)],
      ['requests', summary.requests],
      ['by flag', flags.join(', ')],
      ['p50 / p99', `${summary.p50Ms} ms / ${summary.p99Ms} ms`],
      ['pushes, NACKs', `${summary.pushes}, ${summary.nacks}`],
    ],
  );
}
