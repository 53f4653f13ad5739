/**
 * Models curl: one request a URL, the answer on standard output, the reason on standard error.
 *
 * Spec: https://curl.se/docs/manpage.html (options), "Exit codes" there. Simplified: the options
 * people use with a mesh; -k is always on; output and errors come as one text.
 */
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { SECOND } from '../../sim/time.ts';
import { HttpClient, type ClientRequest } from '../http/client.ts';
import type { ExchangeError, HttpOutcome } from '../http/outcome.ts';
import { parseUrl } from '../http/url.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { curlOptions, type CurlOptions } from './curl-options.ts';

const ERRORS: Readonly<Record<ExchangeError, readonly [code: number, text: string]>> = {
  refused: [7, 'Failed to connect to HOST port PORT after MS ms: Could not connect to server'],
  unreachable: [7, 'Failed to connect to HOST port PORT after MS ms: Could not connect to server'],
  'no-such-host': [6, 'Could not resolve host: HOST'],
  timeout: [28, 'Operation timed out after MS milliseconds with 0 bytes received'],
  closed: [52, 'Empty reply from server'],
  reset: [56, 'Recv failure: Connection reset by peer'],
  tls: [35, 'TLS connect error'],
  'bad-url': [3, 'URL rejected: Bad hostname'],
};

export function curl(
  context: CommandContext,
  argv: readonly string[],
  onDone: (result: CommandResult) => void,
): void {
  const options = curlOptions(argv);
  if (typeof options === 'string') {
    onDone({ output: `${options}\n`, exitCode: 2 });
    return;
  }
  const client = new HttpClient(context.network, context.resolver, {
    namespaceName: context.namespaceName,
    version: options.isHttp2 ? 'HTTP/2' : 'HTTP/1.1',
    headers: [
      ['user-agent', 'curl/8.16.0'],
      ['accept', '*/*'],
    ],
  });
  let output = '';
  const next = (index: number, exitCode: number): void => {
    const url = options.urls[index];
    if (url === undefined) {
      client.closeIdle();
      onDone({ output, exitCode });
      return;
    }
    const request = requestFor(url, options, context);
    client.send(request, (outcome) => {
      const result = report(request, outcome, options);
      output += result.output;
      next(index + 1, result.exitCode);
    });
  };
  next(0, 0);
}

function requestFor(url: string, options: CurlOptions, context: CommandContext): ClientRequest {
  const target = parseUrl(url);
  const ip = target && options.addresses.get(`${target.host}:${target.port}`);
  return {
    method: options.method || (options.body === undefined ? 'GET' : 'POST'),
    url,
    headers: options.headers,
    body: options.body,
    timeoutUs: options.timeoutUs,
    requestId: context.nextRequestId(),
    address: ip ? { ip, port: target!.port } : undefined,
  };
}

function report(request: ClientRequest, outcome: HttpOutcome, options: CurlOptions): CommandResult {
  const parts: string[] = [];
  if (options.isVerbose) parts.push(requestLines(request));
  if (outcome.headers && (options.showsHeaders || options.isVerbose))
    parts.push(headerLines(outcome, options.isVerbose ? '< ' : ''));
  const failed = options.failsOnStatus && outcome.status >= 400;
  if (!options.discardsBody && !failed) parts.push(outcome.body);
  let exitCode = 0;
  const saysErrors = !options.isSilent || options.showsErrors;
  if (outcome.error) {
    const [code, template] = ERRORS[outcome.error];
    exitCode = code;
    const url = parseUrl(request.url);
    const text = template
      .replace('HOST', url?.host ?? request.url)
      .replace('PORT', String(url?.port ?? 0))
      .replace('MS', String(Math.round(outcome.durationUs / 1000)));
    if (saysErrors) parts.push(`curl: (${code}) ${text}\n`);
  } else if (failed) {
    exitCode = 22;
    if (saysErrors) parts.push(`curl: (22) The requested URL returned error: ${outcome.status}\n`);
  }
  if (options.writeOut) parts.push(written(options.writeOut, outcome));
  return { output: parts.join(''), exitCode };
}

function requestLines(request: ClientRequest): string {
  const url = parseUrl(request.url);
  const extra = HeaderMap.of(request.headers ?? []);
  const host = extra.get('host') ?? url?.authority ?? '';
  const lines = [`> ${request.method} ${url?.path ?? '/'} HTTP/1.1`, `> Host: ${host}`];
  for (const [name, value] of extra.entries())
    if (name !== 'host') lines.push(`> ${name}: ${value}`);
  return `${lines.join('\n')}\n>\n`;
}

function headerLines({ status, headers }: HttpOutcome, prefix: string): string {
  const lines = [`${prefix}HTTP/1.1 ${status} ${REASONS[status] ?? ''}`.trimEnd()];
  for (const [name, value] of headers!.entries())
    if (!name.startsWith(':')) lines.push(`${prefix}${name}: ${value}`);
  return `${lines.join('\n')}\n${prefix.trim()}\n`;
}

function written(template: string, outcome: HttpOutcome): string {
  const values: Readonly<Record<string, string>> = {
    http_code: String(outcome.status).padStart(3, '0'),
    response_code: String(outcome.status).padStart(3, '0'),
    time_total: (outcome.durationUs / SECOND).toFixed(6),
    size_download: String(outcome.body.length),
  };
  return template
    .replace(/%\{(\w+)\}/g, (_whole, name: string) => values[name] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  418: "I'm a teapot",
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
