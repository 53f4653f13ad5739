/**
 * The application of a probe's pod: on each port a list of answers that are given in turn, with
 * calls to other services first where the script says so. Bytes that are no HTTP are echoed.
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { MS } from '../../sim/time.ts';
import { forwarded, TRACE_HEADERS } from '../../workloads/forwarded-headers.ts';
import { HttpClient, type Resolver } from '../../workloads/http/client.ts';
import type { HttpOutcome } from '../../workloads/http/outcome.ts';
import { HttpServer } from '../../workloads/http/server.ts';
import type { ServerExchange } from '../../workloads/http/server-exchange.ts';
import type { AnswerPlan, CallPlan } from './case.ts';
import { errorText } from './error-text.ts';

/** What an application received. */
export interface SeenRequest {
  readonly pod: string;
  readonly requestId: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface ScriptedPod {
  /** "POD.NS", or the name of a machine outside. */
  readonly name: string;
  readonly version: string;
  /** The Kubernetes namespace whose search path its calls use. */
  readonly namespaceName: string;
  readonly network: NetworkNamespace;
  readonly resolver: Resolver;
  seen(request: SeenRequest): void;
}

interface CallReport extends Partial<Said> {
  readonly status?: number;
  readonly error?: string;
}

const FORWARDED = [...TRACE_HEADERS, 'end-user'];

export class ScriptedApplication {
  readonly #pod: ScriptedPod;
  readonly #client: HttpClient;
  readonly #scripts = new Map<number, Script>();

  constructor(pod: ScriptedPod) {
    this.#pod = pod;
    this.#client = new HttpClient(pod.network, pod.resolver, {
      namespaceName: pod.namespaceName,
      idleMax: 0,
    });
  }

  /** Listens on a port and answers as the plan says. */
  listen(port: number, plan: readonly AnswerPlan[]): void {
    this.#scripts.set(port, new Script(plan));
    const { network, name } = this.#pod;
    const server = new HttpServer(network, (exchange) => this.#handle(port, exchange), {
      onBytes: (end, bytes) => {
        const echo = { type: 'bytes', bytes: `${name}:${bytes}` };
        end.write(echo, echo.bytes.length);
      },
    });
    server.listen(port);
  }

  /** From now on another plan, from its beginning. */
  follow(port: number, plan: readonly AnswerPlan[]): void {
    this.#scripts.set(port, new Script(plan));
  }

  #handle(port: number, exchange: ServerExchange): void {
    this.#pod.seen({
      pod: this.#pod.name,
      requestId: exchange.requestId,
      method: exchange.method,
      path: exchange.path,
      headers: [...exchange.headers.entries()],
      body: exchange.body,
    });
    const answer = this.#scripts.get(port)!.next();
    const { simulation } = this.#pod.network.network;
    const delay = (answer.delay_ms ?? 0) * MS;
    simulation.schedule(delay, () => this.#answer(exchange, answer), undefined, undefined);
  }

  #answer(exchange: ServerExchange, answer: AnswerPlan): void {
    if (exchange.isOver) return;
    if (answer.close !== undefined && answer.close !== false) {
      exchange.hangUp(answer.close === 'reset' ? 'reset' : 'fin');
      return;
    }
    const reports: Record<string, CallReport> = {};
    this.#callAll(exchange, answer.calls ?? [], 0, reports, () => {
      const { name: pod, version } = this.#pod;
      const said = answer.calls ? { pod, version, calls: reports } : { pod, version };
      const headers = Object.entries(answer.headers ?? {});
      exchange.respond(answer.status ?? 200, headers, answer.body ?? JSON.stringify(said));
    });
  }

  #callAll(
    exchange: ServerExchange,
    calls: readonly CallPlan[],
    index: number,
    reports: Record<string, CallReport>,
    onDone: () => void,
  ): void {
    const call = calls[index];
    if (!call) {
      onDone();
      return;
    }
    this.#call(exchange, call, call.tries ?? 1, (report) => {
      reports[call.url] = report;
      this.#callAll(exchange, calls, index + 1, reports, onDone);
    });
  }

  #call(
    exchange: ServerExchange,
    call: CallPlan,
    triesLeft: number,
    onDone: (report: CallReport) => void,
  ): void {
    const request = {
      method: 'GET',
      url: call.url,
      headers: forwarded(exchange.headers, FORWARDED),
      timeoutUs: (call.timeout_ms ?? 0) * MS,
      requestId: exchange.requestId,
    };
    this.#client.send(request, (outcome) => {
      if ((outcome.error || outcome.status !== 200) && triesLeft > 1)
        this.#call(exchange, call, triesLeft - 1, onDone);
      else onDone(reportOf(outcome));
    });
  }
}

/** The answers of a port, in turn. */
class Script {
  readonly #inTurn: readonly AnswerPlan[];
  readonly #each: readonly AnswerPlan[];
  #requests = 0;
  #index = 0;
  #given = 0;

  constructor(plan: readonly AnswerPlan[]) {
    this.#each = plan.filter(({ every }) => every !== undefined);
    this.#inTurn = plan.filter(({ every }) => every === undefined);
  }

  next(): AnswerPlan {
    this.#requests += 1;
    const special = this.#each.find(({ every = 1 }) => this.#requests % every === 0);
    if (special) return special;
    const answer = this.#inTurn[this.#index];
    if (!answer) return {};
    this.#given += 1;
    if (this.#given >= (answer.times ?? 1) && this.#index < this.#inTurn.length - 1) {
      this.#index += 1;
      this.#given = 0;
    }
    return answer;
  }
}

function reportOf(outcome: HttpOutcome): CallReport {
  if (outcome.error) return { error: errorText(outcome.error) };
  const said = saidIn(outcome.body);
  return said ? { status: outcome.status, ...said } : { status: outcome.status };
}

export interface Said {
  readonly pod: string;
  readonly version: string;
  readonly calls?: Readonly<Record<string, unknown>>;
}

/** What a scripted application says in its body; undefined when the body is not its own. */
export function saidIn(body: string): Said | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(body) as Said;
    return typeof value.pod === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
