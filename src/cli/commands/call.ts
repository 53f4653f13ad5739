/** `call`: where would this request go, by configuration alone. */
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { readJson } from '../input.ts';
import { printJson } from '../output.ts';
import { answerScenario, type Scenario } from '../xds/call-scenario.ts';
import { tellCall } from '../xds/call-story.ts';

export const command = defineCommand(
  {
    name: 'call',
    summary: 'Says where a request would go: listener, route, cluster, and the YAML behind it.',
    usage: 'call < SCENARIOS.json | call PATH… --from POD.NS --to URL [--header k:v]',
    example: 'mesh call bookinfo.yaml --from productpage-v1.default --to http://reviews:9080/',
    flags: {
      from: { kind: 'value', value: 'POD.NS', help: 'the pod that calls' },
      to: { kind: 'value', value: 'URL', help: 'what it calls' },
      header: { kind: 'list', value: 'KEY:VALUE', help: 'a request header' },
    },
  },
  ({ positionals, flags }) => {
    if (positionals.length === 0) return answerBatch();
    if (flags.from === undefined || flags.to === undefined)
      throw new CommandFailure('call needs --from POD.NS and --to URL (try: mesh call --help)');
    return tellCall(positionals, { from: flags.from, to: flags.to, headers: flags.header });
  },
);

function answerBatch(): 0 {
  const scenarios = readJson('-');
  if (!Array.isArray(scenarios))
    throw new CommandFailure('cannot read standard input: not a JSON array');
  printJson(
    (scenarios as Scenario[]).map((scenario) => {
      try {
        return answerScenario(scenario);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { id: scenario.id, error: `internal: ${message}` };
      }
    }),
  );
  return 0;
}
