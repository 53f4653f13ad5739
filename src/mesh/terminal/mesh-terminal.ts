/** Models what the terminal can reach of a running mesh: its API server, proxies, pods and files. */
import type { ApiServer } from '../../kube/api-server.ts';
import { kindById } from '../../kube/objects/kinds.ts';
import type { SceneFile } from '../../protocol/scene.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { SECOND } from '../../sim/time.ts';
import type { CommandProgram, CommandResult } from '../../workloads/commands/command.ts';
import { curl } from '../../workloads/commands/curl.ts';
import { fortio } from '../../workloads/commands/fortio.ts';
import type { Resolver } from '../../workloads/http/client.ts';
import type { ControlPlanes } from '../control-planes.ts';
import type { Manifests } from '../manifests.ts';
import type { PodRuntime } from '../pod/pod-runtime.ts';
import type { Sidecar } from '../pod/sidecar.ts';
import type { ExecRequest } from './kubectl/kubectl.ts';
import { pilotAgent } from './pilot-agent.ts';
import type { TerminalWorld } from './terminal.ts';

export interface TerminalSurroundings {
  readonly api: ApiServer;
  readonly runtime: PodRuntime;
  readonly controlPlanes: ControlPlanes;
  readonly manifests: Manifests;
  readonly resolver: Resolver;
  /** The files of the editor, by path. */
  readonly files: ReadonlyMap<string, SceneFile>;
  /** The network of a machine outside the cluster. */
  readonly outside: () => NetworkNamespace;
  readonly nextRequestId: () => number;
}

const ISTIO_VERSION = '1.30.3';
/** How long a command may take. */
const COMMAND_MAX_US = 600 * SECOND;
const PROGRAMS: Readonly<Record<string, CommandProgram>> = {
  curl,
  fortio,
  'pilot-agent': pilotAgent,
};

export function meshTerminal(surroundings: TerminalSurroundings): TerminalWorld {
  const { api, runtime, controlPlanes, manifests, files } = surroundings;
  const sidecarOf = (pod: string, namespace: string): Sidecar | undefined =>
    runtime.sandboxes.get(`${pod}.${namespace}`)?.sidecar;
  return {
    programs: PROGRAMS,
    run: (program, argv, where) => runToEnd(surroundings, program, argv, where),
    kubectl: {
      api,
      namespace: 'default',
      files: (path) => filesAt(files, path),
      logs: ({ pod, namespace, container }) =>
        runtime.sandboxes.get(`${pod}.${namespace}`)?.logs(container),
      applied: (object, document) => {
        const { name, namespace = 'default' } = object.metadata;
        const isScoped = kindById(object.kind)?.namespaced ?? true;
        const key = { kind: object.kind, namespace: isScoped ? namespace : '', name };
        manifests.applied(key, document);
      },
    },
    istioctl: {
      version: ISTIO_VERSION,
      proxyStatus: () => controlPlanes.proxyStatus(),
      dump: (pod, namespace) => sidecarOf(pod, namespace)?.dump(),
      hostHealth: (pod, namespace, cluster, address) =>
        sidecarOf(pod, namespace)?.hostHealth(cluster, address),
    },
  };
}

/** One file, or all files of a folder. */
function filesAt(files: ReadonlyMap<string, SceneFile>, path: string): SceneFile[] | undefined {
  const file = files.get(path);
  if (file) return [file];
  const inside = [...files.values()].filter((one) => one.path.startsWith(`${path}/`));
  return inside.length > 0 ? inside : undefined;
}

/** Virtual time goes on until the program has ended. */
function runToEnd(
  { api, runtime, resolver, outside, nextRequestId }: TerminalSurroundings,
  program: CommandProgram,
  argv: readonly string[],
  where: ExecRequest | 'outside',
): CommandResult {
  const { simulation } = api;
  const sandbox =
    where === 'outside' ? undefined : runtime.sandboxes.get(`${where.pod}.${where.namespace}`);
  if (where !== 'outside' && !sandbox)
    return {
      output: `error: unable to upgrade connection: container not found ("${where.container}")`,
      exitCode: 1,
    };
  const namespaceName = sandbox?.facts.namespace ?? 'default';
  const network = sandbox?.network ?? outside();
  let result: CommandResult | undefined;
  program({ simulation, network, resolver, namespaceName, nextRequestId }, argv, (done) => {
    result = done;
  });
  const deadline = simulation.now + COMMAND_MAX_US;
  while (!result && simulation.nextTime <= deadline) simulation.step();
  return result ?? { output: 'the command did not end within ten minutes', exitCode: 124 };
}
