/** Models `pilot-agent request METHOD PATH`: how people ask a sidecar's admin interface. */
import { curl } from '../../workloads/commands/curl.ts';
import type { CommandProgram } from '../../workloads/commands/command.ts';

const USAGE =
  'Usage: pilot-agent request GET|POST PATH, for example: pilot-agent request GET stats\n';

export const pilotAgent: CommandProgram = (context, argv, onDone) => {
  const [verb, method = '', path = ''] = argv;
  if (verb !== 'request' || !['GET', 'POST'].includes(method) || path === '') {
    onDone({ output: USAGE, exitCode: 1 });
    return;
  }
  const url = `http://localhost:15000/${path.replace(/^\//, '')}`;
  curl(context, ['-s', '-X', method, url], onDone);
};
