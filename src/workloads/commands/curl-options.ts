/** Models curl's command line. Spec: https://curl.se/docs/manpage.html. */
import { SECOND, type Micros } from '../../sim/time.ts';

export interface CurlOptions {
  readonly urls: string[];
  readonly headers: [string, string][];
  method: string;
  body: string | undefined;
  timeoutUs: Micros;
  showsHeaders: boolean;
  isVerbose: boolean;
  isSilent: boolean;
  showsErrors: boolean;
  failsOnStatus: boolean;
  discardsBody: boolean;
  writeOut: string;
  isHttp2: boolean;
  readonly addresses: Map<string, string>;
}

/** The options of a command line; a text says what curl would say of a wrong one. */
export function curlOptions(argv: readonly string[]): CurlOptions | string {
  const options: CurlOptions = {
    urls: [],
    headers: [],
    method: '',
    body: undefined,
    timeoutUs: 300 * SECOND,
    showsHeaders: false,
    isVerbose: false,
    isSilent: false,
    showsErrors: false,
    failsOnStatus: false,
    discardsBody: false,
    writeOut: '',
    isHttp2: false,
    addresses: new Map(),
  };
  const queue = argv.flatMap(splitShortOptions);
  for (let i = 0; i < queue.length; i++) {
    const option = queue[i]!;
    if (!option.startsWith('-')) options.urls.push(option);
    else if (Object.hasOwn(FLAGS, option)) FLAGS[option]!(options);
    else if (Object.hasOwn(SETTINGS, option)) {
      const value = queue[++i];
      if (value === undefined) return `curl: option ${option}: requires parameter`;
      SETTINGS[option]!(options, value);
    } else return `curl: option ${option}: is unknown`;
  }
  return options.urls.length > 0
    ? options
    : "curl: (2) no URL specified\ncurl: try 'curl --help' for more information";
}

/** "-sSI" → "-s", "-S", "-I"; "-HX: 1" → "-H", "X: 1". */
function splitShortOptions(text: string): string[] {
  if (!/^-[^-]./.test(text)) return [text];
  const parts: string[] = [];
  for (let i = 1; i < text.length; i++) {
    const option = `-${text[i]!}`;
    parts.push(option);
    if (!Object.hasOwn(SETTINGS, option)) continue;
    if (i + 1 < text.length) parts.push(text.slice(i + 1));
    break;
  }
  return parts;
}

const FLAGS: Readonly<Record<string, (options: CurlOptions) => void>> = {
  '-s': (o) => (o.isSilent = true),
  '-S': (o) => (o.showsErrors = true),
  '-i': (o) => (o.showsHeaders = true),
  '-I': (o) => {
    o.method = 'HEAD';
    o.showsHeaders = true;
  },
  '-v': (o) => (o.isVerbose = true),
  '-f': (o) => (o.failsOnStatus = true),
  '-k': () => {},
  '-L': () => {},
  '-G': () => {},
  '--silent': (o) => (o.isSilent = true),
  '--show-error': (o) => (o.showsErrors = true),
  '--include': (o) => (o.showsHeaders = true),
  '--head': (o) => FLAGS['-I']!(o),
  '--verbose': (o) => (o.isVerbose = true),
  '--fail': (o) => (o.failsOnStatus = true),
  '--insecure': () => {},
  '--location': () => {},
  '--http1.1': () => {},
  '--http2': () => {},
  '--http2-prior-knowledge': (o) => (o.isHttp2 = true),
};

const setHeader = (o: CurlOptions, value: string): void => {
  const colon = value.indexOf(':');
  if (colon > 0) o.headers.push([value.slice(0, colon).trim(), value.slice(colon + 1).trim()]);
};
const setMethod = (o: CurlOptions, value: string): void => void (o.method = value);
const setData = (o: CurlOptions, value: string): void => {
  o.body = o.body === undefined ? value : `${o.body}&${value}`;
  if (!o.headers.some(([name]) => name.toLowerCase() === 'content-type'))
    o.headers.push(['content-type', 'application/x-www-form-urlencoded']);
};
const setMaxTime = (o: CurlOptions, value: string): void =>
  void (o.timeoutUs = Math.round(Number(value) * SECOND) || 0);
const setOutput = (o: CurlOptions, value: string): void => void (o.discardsBody = value !== '-');
const setWriteOut = (o: CurlOptions, value: string): void => void (o.writeOut = value);
const setAgent = (o: CurlOptions, value: string): void =>
  void o.headers.push(['user-agent', value]);
const setCookie = (o: CurlOptions, value: string): void => void o.headers.push(['cookie', value]);
/** HOST:PORT:ADDRESS. */
const setResolve = (o: CurlOptions, value: string): void => {
  const match = /^([^:]+):(\d+):(.+)$/.exec(value);
  if (match) o.addresses.set(`${match[1]}:${match[2]}`, match[3]!);
};

const SETTINGS: Readonly<Record<string, (options: CurlOptions, value: string) => void>> = {
  '-H': setHeader,
  '--header': setHeader,
  '-X': setMethod,
  '--request': setMethod,
  '-d': setData,
  '--data': setData,
  '--data-raw': setData,
  '-m': setMaxTime,
  '--max-time': setMaxTime,
  '--connect-timeout': () => {},
  '-o': setOutput,
  '--output': setOutput,
  '-w': setWriteOut,
  '--write-out': setWriteOut,
  '-A': setAgent,
  '--user-agent': setAgent,
  '-b': setCookie,
  '--cookie': setCookie,
  '--resolve': setResolve,
};
