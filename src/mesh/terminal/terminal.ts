/**
 * Models the terminal: one line, one command, an answer as the real tool prints it.
 *
 * A command that takes time (curl, fortio) is run to its end in virtual time before the answer.
 */
import type { CommandProgram, CommandResult } from '../../workloads/commands/command.ts';
import { runIstioctl, type IstioctlWorld } from './istioctl/istioctl.ts';
import { runKubectl, type ExecRequest, type KubectlWorld } from './kubectl/kubectl.ts';
import { splitWords } from './words.ts';

export interface TerminalWorld {
  readonly kubectl: KubectlWorld;
  readonly istioctl: IstioctlWorld;
  /** Programs that a person can run, by name. */
  readonly programs: Readonly<Record<string, CommandProgram>>;
  /** Runs a program in a container (or outside the cluster) to its end. */
  readonly run: (
    program: CommandProgram,
    argv: readonly string[],
    where: ExecRequest | 'outside',
  ) => CommandResult;
}

const HELP = `Commands: kubectl, istioctl, curl (from outside the cluster).
From a pod:   kubectl exec POD -c CONTAINER -- curl -s http://reviews:9080/
What a proxy holds:  istioctl proxy-config routes POD
What it counts:      kubectl exec POD -c istio-proxy -- pilot-agent request GET stats`;

/** Runs one line. Never throws on what a person typed. */
export function runLine(line: string, world: TerminalWorld): CommandResult {
  const split = splitWords(line.trim());
  if ('error' in split) return { output: split.error, exitCode: 2 };
  const [name, ...rest] = split.words;
  switch (name) {
    case undefined:
      return { output: '', exitCode: 0 };
    case 'help':
    case '--help':
      return { output: HELP, exitCode: 0 };
    case 'kubectl':
    case 'k':
      return kubectl(rest, world);
    case 'istioctl':
      return runIstioctl(rest, world.istioctl);
    default: {
      const program = Object.hasOwn(world.programs, name) ? world.programs[name] : undefined;
      if (program) return world.run(program, rest, 'outside');
      return { output: `${name}: command not found\n${HELP}`, exitCode: 127 };
    }
  }
}

function kubectl(argv: readonly string[], world: TerminalWorld): CommandResult {
  const { output, exitCode, exec } = runKubectl(argv, world.kubectl);
  if (!exec) return { output, exitCode };
  const [name = '', ...rest] = exec.command;
  const program = Object.hasOwn(world.programs, name) ? world.programs[name] : undefined;
  if (!program)
    return {
      output: `OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown\ncommand terminated with exit code 127`,
      exitCode: 127,
    };
  const result = world.run(program, rest, exec);
  if (result.exitCode === 0) return result;
  const tail = `command terminated with exit code ${result.exitCode}`;
  return { output: `${result.output.trimEnd()}\n${tail}`, exitCode: result.exitCode };
}
