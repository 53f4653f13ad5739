/**
 * Models nicholasjackson/fake-service: calls its upstreams, works for a while, fails as often as
 * told, and says in JSON what it did. Configured by environment variables alone.
 *
 * Spec: https://github.com/nicholasjackson/fake-service (README). Simplified: SERVER_TYPE http and
 * http:// upstreams; no TLS, load generation (LOAD_*) or tracing of its own.
 */
import type { Micros } from '../../sim/time.ts';
import { isoTimestamp, MS, SECOND } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { Environment } from '../environment.ts';
import { durationText } from '../go-duration.ts';
import type { HeaderPairs } from '../http/client.ts';
import type { HttpOutcome } from '../http/outcome.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { pathOnly } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';

const JSON_TYPE = [['content-type', 'application/json; charset=utf-8']] as const;
/** Headers that belong to one connection or one message and are not handed on. */
const OWN_HEADERS = new Set(['content-length', 'connection', 'host', 'accept-encoding']);

export function fakeService(context: ContainerContext): Application {
  return new FakeService(context).application;
}

interface UpstreamCall {
  readonly url: string;
  readonly outcome: HttpOutcome;
}

class FakeService {
  readonly application: WebApplication;
  readonly #context: ContainerContext;
  readonly #env: Environment;
  readonly #name: string;
  readonly #message: string;
  readonly #upstreams: readonly string[];
  readonly #workers: number;
  readonly #timeoutUs: Micros;
  readonly #appendsRequest: boolean;
  readonly #timing: readonly [p50: Micros, p90: Micros, p99: Micros];
  readonly #variancePercent: number;
  readonly #errorPerMillion: number;
  readonly #errorType: string;
  readonly #errorCode: number;
  readonly #errorDelayUs: Micros;
  readonly #healthCode: number;

  constructor(context: ContainerContext) {
    const env = new Environment(context.container.env, (line) => context.log(line));
    this.#context = context;
    this.#env = env;
    this.#name = env.text('NAME', 'Service');
    this.#message = env.text('MESSAGE', 'Hello World');
    this.#upstreams = env.list('UPSTREAM_URIS');
    this.#workers = Math.max(1, env.number('UPSTREAM_WORKERS', 1));
    this.#timeoutUs = env.durationUs('HTTP_CLIENT_REQUEST_TIMEOUT', 30 * SECOND);
    this.#appendsRequest = env.flag('HTTP_CLIENT_APPEND_REQUEST', true);
    const p50 = env.durationUs('TIMING_50_PERCENTILE', 0);
    const p90 = env.durationUs('TIMING_90_PERCENTILE', p50);
    this.#timing = [p50, p90, env.durationUs('TIMING_99_PERCENTILE', p90)];
    this.#variancePercent = env.number('TIMING_VARIANCE', 0);
    this.#errorPerMillion = Math.round(env.number('ERROR_RATE', 0) * 1_000_000);
    this.#errorType = env.text('ERROR_TYPE', 'http_error');
    this.#errorCode = env.number('ERROR_CODE', 500);
    this.#errorDelayUs = env.durationUs('ERROR_DELAY', 0);
    this.#healthCode = env.number('HEALTH_CHECK_RESPONSE_CODE', 200);
    this.application = new WebApplication(context, {
      ports: [this.#port()],
      handler: (exchange) => this.#handle(exchange),
      client: {
        idleMax: env.flag('HTTP_CLIENT_KEEP_ALIVES', false) ? 100 : 0,
        headers: [
          ['user-agent', 'Go-http-client/1.1'],
          ['accept-encoding', 'gzip'],
        ],
      },
    });
  }

  #port(): number {
    const address = this.#env.text('LISTEN_ADDR', '0.0.0.0:9090');
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    this.#context.log(`LISTEN_ADDR="${address}" has no port; 9090 is used`);
    return 9090;
  }

  #handle(exchange: ServerExchange): void {
    const path = pathOnly(exchange.path);
    if (path === '/health' || path === '/ready') {
      exchange.respond(this.#healthCode, JSON_TYPE, 'OK');
      return;
    }
    const startUs = this.#context.simulation.now;
    if (this.#errorPerMillion > 0 && this.#context.random.chance(this.#errorPerMillion)) {
      this.#fail(exchange, startUs);
      return;
    }
    if (this.#upstreams.length === 0) {
      this.#finish(exchange, startUs, []);
      return;
    }
    this.#callUpstreams(exchange, (calls) => this.#finish(exchange, startUs, calls));
  }

  /** The error that ERROR_RATE asks for: an HTTP error at once, or a delay before it. */
  #fail(exchange: ServerExchange, startUs: Micros): void {
    const wait = this.#errorType === 'delay' ? this.#errorDelayUs : 0;
    const body = this.#report(
      exchange,
      startUs,
      [],
      this.#errorCode,
      'Service error automatically injected',
    );
    this.#context.simulation.schedule(
      wait,
      () => exchange.respond(this.#errorType === 'delay' ? 200 : this.#errorCode, JSON_TYPE, body),
      undefined,
      undefined,
    );
  }

  /** Calls all upstreams, UPSTREAM_WORKERS of them at a time, in their order. */
  #callUpstreams(exchange: ServerExchange, onDone: (calls: UpstreamCall[]) => void): void {
    const calls: UpstreamCall[] = [];
    let next = 0;
    const headers = this.#upstreamHeaders(exchange);
    const suffix = this.#appendsRequest && exchange.path !== '/' ? exchange.path : '';
    const callNext = (): void => {
      const base = this.#upstreams[next++];
      if (base === undefined) return;
      const url = suffix === '' ? base : base.replace(/\/$/, '') + suffix;
      const { requestId } = exchange;
      const call = { method: 'GET', url, headers, timeoutUs: this.#timeoutUs, requestId };
      this.application.call(call, (outcome) => {
        calls.push({ url: base, outcome });
        if (calls.length === this.#upstreams.length) onDone(calls);
        else callNext();
      });
    };
    for (let i = 0; i < Math.min(this.#workers, this.#upstreams.length); i++) callNext();
  }

  #upstreamHeaders(exchange: ServerExchange): HeaderPairs {
    if (!this.#appendsRequest) return [];
    const pairs: (readonly [string, string])[] = [];
    for (const [name, value] of exchange.headers.entries())
      if (!name.startsWith(':') && !OWN_HEADERS.has(name)) pairs.push([name, value]);
    return pairs;
  }

  /** Works for the rest of the time that TIMING_… asks for, then answers. */
  #finish(exchange: ServerExchange, startUs: Micros, calls: readonly UpstreamCall[]): void {
    const { simulation } = this.#context;
    const rest = Math.max(0, this.#workUs() - (simulation.now - startUs));
    const failed = calls.some(({ outcome }) => outcome.error || outcome.status !== 200);
    const status = failed ? 500 : 200;
    const answer = (): void =>
      exchange.respond(status, JSON_TYPE, this.#report(exchange, startUs, calls, status, ''));
    if (rest === 0) answer();
    else simulation.schedule(rest, answer, undefined, undefined);
  }

  #workUs(): Micros {
    const [p50, p90, p99] = this.#timing;
    if (p99 === 0) return 0;
    const percent = this.#context.random.below(100);
    const base = percent < 50 ? p50 : percent < 90 ? p90 : p99;
    if (this.#variancePercent === 0) return base;
    const share = (this.#context.random.fraction() * 2 - 1) * (this.#variancePercent / 100);
    return Math.max(0, Math.round(base * (1 + share)));
  }

  #report(
    exchange: ServerExchange,
    startUs: Micros,
    calls: readonly UpstreamCall[],
    code: number,
    error: string,
  ): string {
    const { now } = this.#context.simulation;
    return JSON.stringify({
      name: this.#name,
      uri: exchange.path,
      type: 'HTTP',
      ip_addresses: [this.#context.pod.ip],
      start_time: isoTimestamp(startUs),
      end_time: isoTimestamp(now),
      duration: durationText(now - startUs),
      ...(error === '' && { body: this.#message }),
      ...(calls.length > 0 && { upstream_calls: upstreamReports(calls) }),
      code,
      ...(error !== '' && { error }),
    });
  }
}

function upstreamReports(calls: readonly UpstreamCall[]): Record<string, unknown> {
  const reports: Record<string, unknown> = {};
  for (const { url, outcome } of calls) reports[url] = upstreamReport(url, outcome);
  return reports;
}

function upstreamReport(url: string, { status, body, error, durationUs }: HttpOutcome): unknown {
  if (error)
    return { uri: url, code: -1, error: `Error communicating with upstream service: ${error}` };
  const said = status === 200 ? parsed(body) : undefined;
  if (said) return { ...said, uri: url, code: status };
  const problem = status === 200 ? {} : { error: `expected code 200, got ${status}` };
  const duration = `${(durationUs / MS).toFixed(3)}ms`;
  return { uri: url, type: 'HTTP', duration, code: status, body: body.slice(0, 200), ...problem };
}

function parsed(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
