/** Models fortio's command line. Spec: `fortio load -h`. */
import { SECOND, type Micros } from '../../sim/time.ts';
import { parseDuration } from '../go-duration.ts';

export interface FortioOptions {
  readonly url: string;
  readonly connections: number;
  /** 0: as fast as answers come. */
  readonly qps: number;
  readonly durationUs: Micros;
  /** 0: as many as fit into the duration. */
  readonly callsMax: number;
  readonly timeoutUs: Micros;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly payload: string | undefined;
  readonly keepAlive: boolean;
  readonly isHttp2: boolean;
}

const CONNECTIONS_MAX = 10_000;
/** Options without a value; any other takes the next argument. */
const SWITCHES = new Set([
  'quiet',
  'allow-initial-errors',
  'k',
  'h2',
  'json',
  'a',
  'stdclient',
  'uniform',
  'jitter',
  'nocatchup',
]);

/** The options of `load …` (the word itself may be there); a text says what is wrong. */
export function fortioOptions(argv: readonly string[]): FortioOptions | string {
  const given = new Map<string, string>();
  const headers: (readonly [string, string])[] = [];
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    const option = /^--?([\w-]+)(?:=(.*))?$/.exec(argument);
    if (!option) {
      rest.push(argument);
      continue;
    }
    const name = option[1]!;
    const value = option[2] ?? (SWITCHES.has(name) ? 'true' : argv[++i]);
    if (value === undefined) return `flag needs an argument: -${name}`;
    if (name === 'H') headers.push(headerPair(value));
    else given.set(name, value);
  }
  const [first, ...others] = rest;
  if (first !== undefined && first !== 'load' && others.length > 0)
    return `Error: unknown command ${first}: only "load" is known here`;
  const url = first === 'load' ? others[0] : first;
  if (url === undefined) return 'Error: fortio load needs a url or destination';
  return optionsOf(url, given, headers);
}

function optionsOf(
  url: string,
  given: ReadonlyMap<string, string>,
  headers: FortioOptions['headers'],
): FortioOptions | string {
  const connections = Number(given.get('c') ?? 4);
  if (!Number.isInteger(connections) || connections < 1 || connections > CONNECTIONS_MAX)
    return `Error: -c must be from 1 to ${CONNECTIONS_MAX}`;
  const qps = given.get('qps') === 'max' ? 0 : Number(given.get('qps') ?? 8);
  const callsMax = Number(given.get('n') ?? 0);
  if (!(qps >= 0) || !(callsMax >= 0)) return 'Error: -qps and -n must be numbers from 0';
  const durationUs = parseDuration(given.get('t') ?? '5s');
  const timeoutUs = parseDuration(given.get('timeout') ?? '3s');
  if (durationUs === undefined || timeoutUs === undefined)
    return 'Error: -t and -timeout must be durations such as 30s';
  const payload = given.get('payload');
  return {
    url,
    connections,
    qps,
    durationUs: durationUs === 0 ? 5 * SECOND : durationUs,
    callsMax,
    timeoutUs,
    method: given.get('X') ?? (payload === undefined ? 'GET' : 'POST'),
    headers,
    payload,
    keepAlive: given.get('keepalive') !== 'false',
    isHttp2: given.get('h2') === 'true',
  };
}

function headerPair(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}
