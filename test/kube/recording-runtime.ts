/** A container runtime for tests: it writes down what the kubelet asks, and obeys a script. */
import type { ContainerRuntime } from '../../src/kube/kubelet/runtime.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { SECOND } from '../../src/sim/time.ts';

export interface Script {
  /** Seconds from SIGTERM to the exit; Infinity ignores it. */
  readonly stopsAfter?: number;
  /** Seconds from the start to an exit with code 1. */
  readonly crashesAfter?: number;
  /** Whether a probe succeeds, asked at each one. */
  readonly isHealthy?: (container: string) => boolean;
}

export function recordingRuntime(
  clock: { simulation?: Simulation },
  script: Script = {},
): { runtime: ContainerRuntime; log: string[] } {
  const log: string[] = [];
  const note = (what: string) => log.push(`${clock.simulation!.now / SECOND}s ${what}`);
  const runtime: ContainerRuntime = {
    createSandbox: (pod) => {
      note(`sandbox ${pod.metadata.name}`);
      return pod.metadata.name;
    },
    startContainer: (_sandbox, { name }, role, callbacks) => {
      const simulation = clock.simulation!;
      note(`start ${name}`);
      if (role === 'init') callbacks.onExit(0);
      if (script.crashesAfter !== undefined)
        simulation.schedule(script.crashesAfter * SECOND, () => callbacks.onExit(1), 0, 0);
      return {
        terminate: (graceUs) => {
          note(`SIGTERM ${name}, ${graceUs / SECOND}s left`);
          const delay = script.stopsAfter ?? 0;
          if (delay !== Infinity)
            simulation.schedule(delay * SECOND, () => callbacks.onExit(0), 0, 0);
        },
        kill: () => note(`SIGKILL ${name}`),
        probe: (_action, _timeoutUs, done) => done(script.isHealthy?.(name) ?? true),
        runHook: (_hook, done) => {
          note(`hook ${name}`);
          done();
        },
      };
    },
    removeSandbox: (sandbox) => note(`remove ${String(sandbox)}`),
  };
  return { runtime, log };
}
