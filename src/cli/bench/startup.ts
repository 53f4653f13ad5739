/** How long the command line takes from being called to having answered, with its bundle made. */
import { spawnSync } from 'node:child_process';
import { wallSeconds, type Figure } from './figure.ts';

export const startup: Figure = {
  name: 'startup',
  unit: 'ms',
  method:
    'a new process runs `mesh --help`, its bundle being up to date; milliseconds on the clock',
  measure() {
    // The launcher that runs this very bundle.
    const launcher = process.argv[1]!;
    return wallSeconds(() => spawnSync(process.execPath, [launcher, '--help'])) * 1000;
  },
};
