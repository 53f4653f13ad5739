/** Models a program that somebody runs inside a container: arguments in, output and exit code out. */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Resolver } from '../http/client.ts';

export interface CommandContext {
  readonly simulation: Simulation;
  readonly network: NetworkNamespace;
  readonly resolver: Resolver;
  /** The Kubernetes namespace of the pod. */
  readonly namespaceName: string;
  nextRequestId(): number;
}

export interface CommandResult {
  readonly output: string;
  readonly exitCode: number;
}

/** Runs a program; `argv` without its name. `onDone` hears once, perhaps much later. */
export type CommandProgram = (
  context: CommandContext,
  argv: readonly string[],
  onDone: (result: CommandResult) => void,
) => void;
