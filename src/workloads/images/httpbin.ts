/**
 * Models mccutchen/go-httpbin (and kennethreitz/httpbin, whose paths it shares): a server that says
 * back what it was asked, and fails, waits or fills on request.
 *
 * Spec: https://github.com/mccutchen/go-httpbin. Simplified: the paths people use with a mesh; a
 * body is text; header names come back in lower case as a sidecar sends them.
 */
import { SECOND } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { pathOnly, queryOf } from '../http/url.ts';
import { parseDuration } from '../go-duration.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { WebApplication } from '../web-application.ts';
import { weightedStatus } from '../weighted-choice.ts';

const JSON_TYPE = [['content-type', 'application/json; charset=utf-8']] as const;
const TEXT = [['content-type', 'text/plain; charset=utf-8']] as const;
const BYTES_MAX = 100 * 1024;
const DELAY_MAX_US = 10 * SECOND;

type Endpoint = (exchange: ServerExchange, context: ContainerContext, rest: string) => void;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  get: (exchange, context) => reflect(exchange, context, false),
  post: (exchange, context) => reflect(exchange, context, true),
  put: (exchange, context) => reflect(exchange, context, true),
  patch: (exchange, context) => reflect(exchange, context, true),
  delete: (exchange, context) => reflect(exchange, context, true),
  anything: (exchange, context) => reflect(exchange, context, true),
  headers: (exchange) => json(exchange, { headers: headersOf(exchange) }),
  hostname: (exchange, context) => json(exchange, { hostname: context.pod.name }),
  ip: (exchange) => json(exchange, { origin: originOf(exchange) }),
  'user-agent': (exchange) =>
    json(exchange, { 'user-agent': exchange.headers.get('user-agent') ?? '' }),
  uuid: (exchange, context) => json(exchange, { uuid: uuidOf(context) }),
  status: (exchange, context, rest) => {
    const status = weightedStatus(rest, context.random);
    if (status === undefined) exchange.respond(400, JSON_TYPE, '{"error":"Bad Request"}');
    else exchange.respond(status, TEXT, '');
  },
  unstable: (exchange, context) => {
    const rate = Number(queryOf(exchange.path).get('failure_rate') ?? '0.5');
    exchange.respond(context.random.chance(Math.round(rate * 1_000_000)) ? 500 : 200, TEXT, '');
  },
  delay: (exchange, context, rest) => {
    const wait = parseDuration(/^[\d.]+$/.test(rest) ? `${rest}s` : rest);
    if (wait === undefined) {
      exchange.respond(400, JSON_TYPE, '{"error":"Bad Request"}');
      return;
    }
    const answer = (): void => reflect(exchange, context, false);
    context.simulation.schedule(Math.min(wait, DELAY_MAX_US), answer, undefined, undefined);
  },
  bytes: (exchange, _context, rest) => {
    const count = Math.min(BYTES_MAX, Math.max(0, Number(rest) || 0));
    exchange.respond(200, [['content-type', 'application/octet-stream']], 'x'.repeat(count));
  },
  'response-headers': (exchange) => {
    const query = [...queryOf(exchange.path)];
    const headers = query.map(([name, value]) => [name.toLowerCase(), value] as const);
    exchange.respond(200, [...JSON_TYPE, ...headers], JSON.stringify(Object.fromEntries(query)));
  },
  redirect: (exchange, _context, rest) => {
    const left = Number(rest) || 1;
    const location = left > 1 ? `/redirect/${left - 1}` : '/get';
    exchange.respond(302, [['location', location]], '');
  },
};

export function httpbin(defaultPort: number) {
  return (context: ContainerContext): Application =>
    new WebApplication(context, {
      ports: [context.container.ports[0]?.containerPort ?? portIn(context) ?? defaultPort],
      handler: (exchange) => {
        const [name = '', ...rest] = pathOnly(exchange.path).slice(1).split('/');
        if (name === '') exchange.respond(200, [['content-type', 'text/html']], 'go-httpbin\n');
        else if (Object.hasOwn(ENDPOINTS, name))
          ENDPOINTS[name]!(exchange, context, rest.join('/'));
        else exchange.respond(404, JSON_TYPE, '{"status_code":404,"error":"Not Found"}');
      },
    });
}

function portIn(context: ContainerContext): number | undefined {
  const port = Number(context.container.env.get('PORT'));
  return port > 0 ? port : undefined;
}

function json(exchange: ServerExchange, value: unknown): void {
  exchange.respond(200, JSON_TYPE, `${JSON.stringify(value, undefined, 2)}\n`);
}

function reflect(exchange: ServerExchange, context: ContainerContext, withBody: boolean): void {
  const args: Record<string, string[]> = {};
  for (const [name, value] of queryOf(exchange.path)) args[name] = [value];
  json(exchange, {
    args,
    headers: headersOf(exchange),
    method: exchange.method,
    origin: originOf(exchange),
    url: `http://${exchange.authority}${exchange.path}`,
    ...(withBody && { data: exchange.body }),
    hostname: context.pod.name,
  });
}

function headersOf(exchange: ServerExchange): Record<string, string[]> {
  const headers: Record<string, string[]> = { host: [exchange.authority] };
  for (const [name, value] of exchange.headers.entries())
    if (!name.startsWith(':')) (headers[name] ??= []).push(value);
  return headers;
}

/** The client as the last proxy names it, else the peer of the connection. */
function originOf(exchange: ServerExchange): string {
  const forwardedFor = exchange.headers.get('x-forwarded-for');
  return forwardedFor?.split(',')[0]?.trim() || exchange.remote.ip;
}

function uuidOf(context: ContainerContext): string {
  let hex = '';
  for (let i = 0; i < 4; i++) hex += context.random.uint32().toString(16).padStart(8, '0');
  const group = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ];
  return `${group.join('-')}-${hex.slice(20)}`;
}
