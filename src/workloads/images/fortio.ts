/**
 * Models fortio/fortio: `server` echoes bodies, with ?status= ?delay= ?size= ?close= for trouble;
 * `load …` calls, writes its table to the log, and is done.
 *
 * Spec: https://github.com/fortio/fortio (README, "Server URLs and features"). Simplified: of the
 * server's ports the HTTP echo alone (8080, or -http-port); no UI, no gRPC ping.
 */
import type { Application, ContainerContext } from '../application.ts';
import { fortio as fortioCommand } from '../commands/fortio.ts';
import { parseDuration } from '../go-duration.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { pathOnly, queryOf } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';
import { percentChoice } from '../weighted-choice.ts';

const TEXT = [['content-type', 'text/plain; charset=UTF-8']] as const;
const SIZE_MAX = 256 * 1024;

export function fortio(context: ContainerContext): Application {
  const { args } = context.container;
  return args[0] === 'load' ? new FortioLoad(context) : fortioServer(context);
}

function fortioServer(context: ContainerContext): Application {
  return new WebApplication(context, {
    ports: [portOf(context.container.args)],
    handler: (exchange) => echoOrTrouble(exchange, context),
  });
}

function echoOrTrouble(exchange: ServerExchange, context: ContainerContext): void {
  const query = queryOf(exchange.path);
  const status = Number(percentChoice(query.get('status') ?? '', context.random) ?? 200);
  const delayText = percentChoice(query.get('delay') ?? '', context.random);
  const delay = (delayText && parseDuration(delayText)) || 0;
  const size = Number(percentChoice(query.get('size') ?? '', context.random) ?? -1);
  const isDebug = pathOnly(exchange.path).startsWith('/debug');
  const body = isDebug
    ? debugText(exchange, context)
    : size >= 0
      ? 'x'.repeat(Math.min(size, SIZE_MAX))
      : exchange.body;
  const header = query.get('header');
  const colon = header?.indexOf(':') ?? -1;
  const extra: (readonly [string, string])[] =
    header && colon > 0
      ? [[header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]]
      : [];
  if (query.get('close') === 'true') extra.push(['connection', 'close']);
  const answer = (): void =>
    exchange.respond(
      status >= 100 && status < 600 ? status : 400,
      extra.length === 0 ? TEXT : [...TEXT, ...extra],
      body,
    );
  if (delay > 0) context.simulation.schedule(delay, answer, undefined, undefined);
  else answer();
}

function debugText(exchange: ServerExchange, context: ContainerContext): string {
  const lines = [
    `Φορτίο version 1.69.5 echo debug server on ${context.pod.name} - request from ${exchange.remote.ip}:${exchange.remote.port}`,
    '',
    `${exchange.method} ${exchange.path} ${exchange.version}`,
    '',
    'headers:',
    '',
    `Host: ${exchange.authority}`,
  ];
  for (const [name, value] of exchange.headers.entries())
    if (!name.startsWith(':')) lines.push(`${name}: ${value}`);
  lines.push('', 'body:', '', exchange.body, '');
  return lines.join('\n');
}

function portOf(args: readonly string[]): number {
  const at = args.findIndex((argument) => /^--?http-port/.test(argument));
  if (at < 0) return 8080;
  const text = args[at]!.split('=')[1] ?? args[at + 1] ?? '';
  return Number(text.slice(text.lastIndexOf(':') + 1)) || 8080;
}

class FortioLoad implements Application {
  readonly #context: ContainerContext;
  #isRunning = false;

  constructor(context: ContainerContext) {
    this.#context = context;
  }

  start(): void {
    this.#isRunning = true;
    const { simulation, network, resolver, pod, container } = this.#context;
    const command = {
      simulation,
      network,
      resolver,
      namespaceName: pod.namespace,
      nextRequestId: () => this.#context.nextRequestId(),
    };
    fortioCommand(command, container.args, ({ output }) => {
      for (const line of output.trimEnd().split('\n')) this.#context.log(line);
    });
  }

  stop(): void {
    this.#isRunning = false;
  }

  isReady(): boolean {
    return this.#isRunning;
  }
}
