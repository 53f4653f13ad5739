/** `xds`: what istiod sends a proxy. */
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { caseFolders } from '../input.ts';
import { printJson, printJsonLine } from '../output.ts';
import { answerProxy } from '../xds/from-files.ts';
import { answerIstiodCase } from '../xds/istiod-case.ts';

export const command = defineCommand(
  {
    name: 'xds',
    summary: 'Says what istiod sends a proxy: listeners, routes, clusters, endpoints.',
    usage: 'xds PATH… --proxy POD.NS | xds --cases DIR',
    example: 'mesh xds bookinfo.yaml --proxy productpage-v1.default --types rds',
    flags: {
      proxy: { kind: 'value', value: 'POD.NS', help: 'the pod whose proxy asks' },
      type: { kind: 'value', value: 'sidecar|router', help: 'default: told by the pod' },
      types: { kind: 'list', value: 'lds,rds,cds,eds,sds', help: 'only these lists' },
      'mesh-config': { kind: 'value', value: 'FILE', help: 'the mesh config, as YAML' },
      cases: { kind: 'value', value: 'DIR', help: 'answers every folder, one line each' },
    },
  },
  ({ positionals, flags }) => {
    if (flags.cases !== undefined) return answerCases(flags.cases);
    if (positionals.length === 0 || flags.proxy === undefined)
      throw new CommandFailure('xds needs a PATH and --proxy POD.NS (try: mesh xds --help)');
    const answer = answerProxy(positionals, flags.proxy, {
      type: flags.type,
      types: flags.types,
      meshConfig: flags['mesh-config'],
    });
    printJson(answer);
    return answer.documents.every(({ accepted }) => accepted) ? 0 : 1;
  },
);

function answerCases(folder: string): 0 {
  for (const name of caseFolders(folder))
    try {
      printJsonLine(answerIstiodCase(folder, name));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      printJsonLine({ case: name, error: `internal: ${message}` });
    }
  return 0;
}
