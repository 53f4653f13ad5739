/** `call PATH… --from --to` for people: each decision, and the document behind it. */
import { generateEverything } from '../../control-plane/generate.ts';
import { originOf } from '../../control-plane/origin.ts';
import { simulate, type CallTrace } from '../../control-plane/simulation/simulation.ts';
import { printAnswer } from '../output.ts';
import { CommandFailure } from '../failure.ts';
import { pushFromFiles } from './from-files.ts';

export interface CallWish {
  readonly from: string;
  readonly to: string;
  readonly headers: readonly string[];
}

export function tellCall(paths: readonly string[], { from, to, headers }: CallWish): 0 | 1 {
  const { push, node } = pushFromFiles(paths, from, undefined, undefined);
  const url = parseUrl(to);
  const service = push
    .servicesVisibleIn(node.namespace)
    .find(({ host, name, namespace }) =>
      [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, host].includes(url.hostname),
    );
  const trace: CallTrace = {};
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const result = simulate(
    generateEverything(node, push),
    {
      Address: service?.address ?? url.hostname,
      Port: port,
      Path: url.pathname,
      Protocol: url.protocol === 'tcp:' ? 'tcp' : 'http',
      TLS: url.protocol === 'https:' ? 'tls' : 'plaintext',
      HostHeader: hostHeader(headers) ?? url.host,
    },
    trace,
  );
  const lines = story(trace, result.clusterMatched, result.error);
  printAnswer({ ...result, story: lines }, { json: false, table: () => lines.join('\n') });
  return result.error ? 1 : 0;
}

function story(trace: CallTrace, cluster: string, error: string | undefined): string[] {
  const behind = (object: object | undefined) => {
    const origin = object && originOf(object);
    if (!origin) return '';
    const path = origin.path.map((it) => (typeof it === 'number' ? `[${it}]` : `.${it}`)).join('');
    return `  (${origin.kind} ${origin.namespace}/${origin.name}${path && `: ${path.slice(1)}`})`;
  };
  const step = (word: string, name: string | undefined, object?: object) =>
    object ? [`${word.padEnd(13)}${name || '(unnamed)'}${behind(object)}`] : [];
  return [
    ...step('listener', trace.listener?.name, trace.listener),
    ...step('filter chain', trace.filterChain?.name, trace.filterChain),
    ...step('virtual host', trace.virtualHost?.name, trace.virtualHost),
    ...step('route', trace.route?.name, trace.route),
    error ? `fails        ${error}` : `cluster      ${cluster || '(by weight)'}`,
  ];
}

function hostHeader(headers: readonly string[]): string | undefined {
  const given = headers.find((it) => /^host:/i.test(it));
  return given?.slice('host:'.length).trim();
}

function parseUrl(text: string): URL {
  try {
    return new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    throw new CommandFailure(`--to is no URL: ${text}`);
  }
}
