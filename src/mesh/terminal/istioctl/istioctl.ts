/**
 * Models istioctl: what a running mesh can be asked, answered in istioctl's tables and words.
 *
 * Spec: istioctl 1.30. Simplified: proxy-status and proxy-config; other commands say so.
 */
import type { ProxyStatus } from '../../../control-plane/discovery/proxy-status.ts';
import { clustersTable, selectClusters } from './clusters.ts';
import { endpointsTable, type HostHealth } from './endpoints.ts';
import { listenersTable, selectListeners } from './listeners.ts';
import { proxyStatusTable } from './proxy-status.ts';
import type { ProxyDump } from './proxy-dump.ts';
import { routesTable, selectRoutes } from './routes.ts';
import { secretsTable } from './secrets.ts';

export interface IstioctlWorld {
  readonly version: string;
  readonly proxyStatus: () => readonly ProxyStatus[];
  /** What the proxy of a pod holds; undefined when the pod has none. `pod`: "NAME" or "NAME.NS". */
  readonly dump: (pod: string, namespace: string) => ProxyDump | undefined;
  readonly hostHealth: (
    pod: string,
    namespace: string,
    cluster: string,
    address: string,
  ) => HostHealth | undefined;
}

export interface IstioctlResult {
  readonly output: string;
  readonly exitCode: number;
}

interface Arguments {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

const ALIASES: Readonly<Record<string, string>> = {
  ps: 'proxy-status',
  pc: 'proxy-config',
  c: 'clusters',
  cluster: 'clusters',
  l: 'listeners',
  listener: 'listeners',
  r: 'routes',
  route: 'routes',
  e: 'endpoints',
  ep: 'endpoints',
  endpoint: 'endpoints',
  s: 'secrets',
  secret: 'secrets',
};
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  n: 'namespace',
  o: 'output',
  v: 'verbosity',
};
const USAGE = `istioctl here knows:
  istioctl proxy-status [-v 1]
  istioctl proxy-config clusters|listeners|routes|endpoints|secrets POD[.NAMESPACE] [-o json]
      clusters:  --fqdn --port --subset --direction
      listeners: --address --port --type
      routes:    --name
      endpoints: --cluster --address --port --status
  istioctl version`;

/** Runs what follows the word "istioctl". */
export function runIstioctl(argv: readonly string[], world: IstioctlWorld): IstioctlResult {
  const { words, flags } = readArguments(argv);
  const [first = ''] = words;
  const command = ALIASES[first] ?? first;
  if (command === 'proxy-status') {
    const isVerbose = (flags.get('verbosity') ?? '0') !== '0';
    const table = proxyStatusTable(world.proxyStatus(), { version: world.version, isVerbose });
    return { output: table, exitCode: 0 };
  }
  if (command === 'proxy-config') return proxyConfig(words.slice(1), flags, world);
  if (command === 'version')
    return {
      output: `client version: ${world.version}\ncontrol plane version: ${world.version}`,
      exitCode: 0,
    };
  if (command === '' || command === 'help' || flags.has('help'))
    return { output: USAGE, exitCode: 0 };
  return { output: `Error: unknown command "${first}" for "istioctl"\n${USAGE}`, exitCode: 1 };
}

function proxyConfig(
  [what = '', target = '']: readonly string[],
  flags: ReadonlyMap<string, string>,
  world: IstioctlWorld,
): IstioctlResult {
  const kind = ALIASES[what] ?? what;
  if (target === '')
    return failed(`proxy-config ${what} wants a pod: POD or POD.NAMESPACE\n${USAGE}`);
  const [pod = '', dotted] = splitPod(target);
  const namespace = flags.get('namespace') ?? dotted ?? 'default';
  const dump = world.dump(pod, namespace);
  if (!dump)
    return failed(
      `Error: unable to retrieve Pod: pods "${pod}" not found in namespace "${namespace}", or it has no proxy`,
    );
  const asJson = flags.get('output') === 'json';
  const port = flags.has('port') ? Number(flags.get('port')) : undefined;
  const answer = (table: string, selection: readonly unknown[]): IstioctlResult => ({
    output: asJson ? JSON.stringify(selection, null, 4) : table,
    exitCode: 0,
  });
  switch (kind) {
    case 'clusters': {
      const filter = {
        fqdn: flags.get('fqdn'),
        port,
        subset: flags.get('subset'),
        direction: flags.get('direction'),
      };
      return answer(clustersTable(dump.clusters, filter), selectClusters(dump.clusters, filter));
    }
    case 'listeners': {
      const filter = { address: flags.get('address'), port, type: flags.get('type') };
      return answer(
        listenersTable(dump.listeners, filter),
        selectListeners(dump.listeners, filter),
      );
    }
    case 'routes': {
      const name = flags.get('name');
      return answer(routesTable(dump.routes, name), selectRoutes(dump.routes, name));
    }
    case 'endpoints': {
      const filter = {
        cluster: flags.get('cluster'),
        address: flags.get('address'),
        port,
        status: flags.get('status'),
      };
      const health = (cluster: string, address: string) =>
        world.hostHealth(pod, namespace, cluster, address);
      return answer(endpointsTable(dump.endpoints, health, filter), dump.endpoints);
    }
    case 'secrets':
      return answer(secretsTable(dump.secrets), dump.secrets);
    default:
      return failed(`Error: unknown command "${what}" for "istioctl proxy-config"\n${USAGE}`);
  }
}

/** "reviews-v1-abc.default" → its name and namespace; names of pods have no dots here. */
function splitPod(target: string): [string, string | undefined] {
  const bare = target.replace(/^pods?\//, '');
  const dot = bare.indexOf('.');
  return dot < 0 ? [bare, undefined] : [bare.slice(0, dot), bare.slice(dot + 1)];
}

function readArguments(argv: readonly string[]): Arguments {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const [name = '', inline] = word.replace(/^--?/, '').split('=', 2);
    const full = SHORT_FLAGS[name] ?? name;
    if (full === 'help' || full === 'h') flags.set('help', '');
    else flags.set(full, inline ?? argv[++at] ?? '');
  }
  return { words, flags };
}

function failed(output: string): IstioctlResult {
  return { output, exitCode: 1 };
}
