/** `mesh`, `mesh --help`: the commands there are. An unknown command gets one line and status 2. */
import type { Command } from '../command.ts';
import { printNote, tableText } from '../output.ts';

const COMMANDS: readonly (readonly [string, string])[] = [
  ['validate PATH…', "what the API server and istiod's webhook say, document by document"],
  ['analyze PATH…', 'istioctl analyze'],
  ['xds PATH… --proxy POD.NS', 'what istiod sends that proxy'],
  ['call', "where would this request go (Istio's traffic simulation), in batch"],
  ['probe', 'a whole mesh from YAML, scripted requests, what came back, in batch'],
  ['proxy BOOTSTRAP SCRIPT', 'runs one Envoy bootstrap against scripted upstreams and requests'],
  ['bootstrap-check FILE…', 'what `envoy --mode validate` says'],
  ['route-check CONFIG TESTS', "Envoy's router_check_tool"],
  ['run SCENE', 'runs a mesh for a while and sums up'],
  ['exec SCENE -- COMMAND', 'one terminal command against a running mesh'],
  ['lesson check [ID…]', 'start fails, solution passes, wrong answers say their words'],
  ['bench [NAME…]', 'the speed figures'],
];

const HEADING = `Meshwala without a page: the same engine that runs in the browser.

  npm run -s mesh -- COMMAND …

`;

export const command: Command = {
  run(args) {
    const name = args[0];
    if (name !== undefined && !['--help', '-h', 'help'].includes(name)) {
      printNote(`there is no command "${name}" (try: mesh --help)`);
      return 2;
    }
    process.stdout.write(
      `${HEADING}${tableText(['COMMAND', 'WHAT IT DOES'], COMMANDS)}
Every command explains itself: mesh validate --help
`,
    );
    return 0;
  },
};
