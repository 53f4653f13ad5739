/** The shape of a command, and what all commands do alike: help, failures, a closed pipe. */
import {
  helpText,
  parseArguments,
  type Arguments,
  type ArgumentsSpec,
  type FlagSpec,
} from './arguments.ts';
import { CommandFailure } from './failure.ts';

export interface Command {
  /** Exit status: 0 fine; 1 the answer is "no"; 2 the command could not run. */
  run(args: string[]): Promise<number> | number;
}

/** A command from its spec and its body; the body throws CommandFailure when it cannot run. */
export function defineCommand<const F extends Readonly<Record<string, FlagSpec>>>(
  spec: ArgumentsSpec<F>,
  body: (given: Arguments<F>) => Promise<number> | number,
): Command {
  return {
    async run(args) {
      endQuietlyWhenPipeCloses();
      const end = args.indexOf('--');
      const own = end < 0 ? args : args.slice(0, end);
      if (own.includes('--help') || own.includes('-h')) {
        process.stdout.write(helpText(spec));
        return 0;
      }
      try {
        return await body(parseArguments(args, spec));
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
        process.stderr.write(`${error.message}\n`);
        return 2;
      }
    },
  };
}

/** `mesh … | head` is no error. */
function endQuietlyWhenPipeCloses(): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
