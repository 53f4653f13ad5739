/**
 * Models the episode's payment demo: a client with a breaker in its own code, a payment service that
 * fails as often as told, a fallback, and a loop of requests at the start.
 *
 * POST /process makes one payment, GET /breaker shows the breaker's metrics. Environment:
 * LIBRARY_BREAKER (printed, mended, none), FAILURE_THRESHOLD, RECOVERY_TIMEOUT, SUCCESS_THRESHOLD,
 * REQUEST_VOLUME_THRESHOLD, FALLBACK, RETRY_AFTER; PAYMENT_SERVICE (a URL; without it the service is
 * inside, with FAILURE_RATE and WORK_TIME), PAYMENT_TIMEOUT; REQUESTS, GAP, METRICS_EVERY.
 *
 * Simplified: a transaction's epoch is the virtual clock's; the loop waits for each answer before its
 * gap begins, as the printed one does.
 */
import { MS, SECOND, wallClockMs } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import type {
  CircuitBreakerOpen,
  LibraryBreaker,
  LibraryBreakerChange,
  OnLibraryBreakerChange,
} from '../circuit-breaker/library-breaker.ts';
import { MendedCircuitBreaker } from '../circuit-breaker/mended-breaker.ts';
import { MumbaiStyleCircuitBreaker } from '../circuit-breaker/printed-breaker.ts';
import { Environment } from '../environment.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { pathOnly } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';

const JSON_TYPE = [['content-type', 'application/json']] as const;

interface Payment {
  readonly userId: string;
  readonly amount: number;
}

/** What the client's own client gets. */
interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type OnReply = (reply: Reply) => void;

export function libraryBreakerDemo(context: ContainerContext): Application {
  return new LibraryBreakerDemo(context);
}

class LibraryBreakerDemo implements Application {
  readonly #context: ContainerContext;
  readonly #env: Environment;
  readonly #application: WebApplication;
  /** Undefined: every call goes through. */
  readonly #breaker: LibraryBreaker | undefined;
  readonly #usesFallback: boolean;
  readonly #service: string;
  #isStopped = false;

  constructor(context: ContainerContext) {
    const env = new Environment(context.container.env, (line) => context.log(line));
    this.#context = context;
    this.#env = env;
    this.#usesFallback = env.flag('FALLBACK', true);
    this.#service = env.text('PAYMENT_SERVICE', '');
    this.#breaker = breakerOf(env, (change) => this.#tell(change));
    this.#application = new WebApplication(context, {
      ports: [context.container.ports[0]?.containerPort ?? 8080],
      handler: (exchange) => this.#handle(exchange),
    });
  }

  start(): void {
    this.#application.start();
    const requests = Math.min(100_000, this.#env.number('REQUESTS', 20));
    if (requests > 0) this.#loop(1, requests);
  }

  stop(graceUs: number): void {
    this.#isStopped = true;
    this.#application.stop(graceUs);
  }

  isReady(): boolean {
    return this.#application.isReady();
  }

  #handle(exchange: ServerExchange): void {
    const path = pathOnly(exchange.path);
    const send = ({ status, body }: Reply): void => {
      const wait = body['retry_after'];
      const headers = wait === undefined ? [] : ([['retry-after', String(wait)]] as const);
      exchange.respond(status, [...JSON_TYPE, ...headers], JSON.stringify(body));
    };
    if (path === '/process') this.#pay(paymentIn(exchange.body), send, exchange.requestId);
    else if (path === '/breaker') send({ status: 200, body: this.#metrics() });
    else if (path === '/health') send({ status: 200, body: { ok: true } });
    else send({ status: 404, body: { error: 'Not Found' } });
  }

  /** process_payment_with_circuit_breaker. */
  #pay(payment: Payment, onReply: OnReply, requestId: number): void {
    const { simulation } = this.#context;
    const call = this.#breaker?.admit(simulation.now);
    if (call?.kind === 'CircuitBreakerOpenException') {
      onReply(this.#refused(call));
      return;
    }
    this.#callService(payment, requestId, (reply) => {
      const error = reply.status === 200 ? undefined : String(reply.body['error']);
      if (call && error === undefined) this.#breaker?.succeed(call, simulation.now);
      else if (call) this.#breaker?.fail(call, simulation.now, error!);
      onReply(reply);
    });
  }

  /** The printed fallback says 30 s however much is left; the mended one says what is left. */
  #refused({ message, nextAttemptUs }: CircuitBreakerOpen): Reply {
    if (!this.#usesFallback) return { status: 503, body: { error: message } };
    const leftSeconds = Math.ceil((nextAttemptUs - this.#context.simulation.now) / SECOND);
    const isMended = this.#breaker instanceof MendedCircuitBreaker;
    const retryAfter = isMended ? Math.max(1, leftSeconds) : this.#env.number('RETRY_AFTER', 30);
    return {
      status: 503,
      body: {
        status: 'fallback',
        message: 'Payment service temporarily unavailable. Please try another payment method.',
        retry_after: retryAfter,
      },
    };
  }

  /** paytm_payment_service: here, or behind a URL. */
  #callService({ userId, amount }: Payment, requestId: number, onReply: OnReply): void {
    const { simulation, random } = this.#context;
    if (this.#service === '') {
      const failsPerMillion = Math.round(1_000_000 * this.#env.number('FAILURE_RATE', 0.3));
      const workUs = this.#env.durationUs('WORK_TIME', 100 * MS);
      const finish = (): void => {
        if (random.chance(failsPerMillion))
          onReply({ status: 500, body: { error: 'Payment gateway timeout' } });
        else onReply({ status: 200, body: this.#transaction(userId, amount) });
      };
      simulation.schedule(workUs, finish, undefined, undefined);
      return;
    }
    const timeoutUs = this.#env.durationUs('PAYMENT_TIMEOUT', 10 * SECOND);
    const body = JSON.stringify({ user_id: userId, amount });
    const headers = [['content-type', 'application/json']] as const;
    const request = { method: 'POST', url: this.#service, headers, body, timeoutUs, requestId };
    this.#application.call(request, ({ status, error }) => {
      if (status === 200 && !error)
        onReply({ status: 200, body: this.#transaction(userId, amount) });
      else onReply({ status: 500, body: { error: error ?? `payment service: ${status}` } });
    });
  }

  #transaction(userId: string, amount: number): Reply['body'] {
    const epoch = Math.floor(wallClockMs(this.#context.simulation.now) / 1_000);
    return { status: 'success', transaction_id: `TXN_${userId}_${epoch}`, amount };
  }

  #loop(number: number, last: number): void {
    const { simulation } = this.#context;
    const next = (): void => {
      if (!this.#isStopped) this.#loop(number + 1, last);
    };
    const payment = { userId: `user_${number}`, amount: 100 };
    const onReply = ({ body }: Reply): void => {
      const said = body['transaction_id'] ?? body['message'] ?? body['error'];
      this.#context.log(`Request ${number}: ${String(said)}`);
      if (number % Math.max(1, this.#env.number('METRICS_EVERY', 5)) === 0)
        this.#context.log(`library breaker: ${JSON.stringify(this.#metrics())}`);
      const gapUs = this.#env.durationUs('GAP', 500 * MS);
      if (number < last) simulation.schedule(gapUs, next, undefined, undefined);
    };
    this.#pay(payment, onReply, this.#context.nextRequestId());
  }

  #metrics(): Reply['body'] {
    return this.#breaker?.metrics(this.#context.simulation.now) ?? { state: 'none' };
  }

  #tell({ from, to, lastFailures }: LibraryBreakerChange): void {
    this.#context.log(`library breaker: ${from} -> ${to}`);
    for (const { atUs, error } of lastFailures)
      this.#context.log(`  ${(atUs / SECOND).toFixed(1)} s: ${error}`);
  }
}

/** The episode's instance: 5 failures, 30 s, 3 successes. */
function breakerOf(env: Environment, tell: OnLibraryBreakerChange): LibraryBreaker | undefined {
  const options = {
    failureThreshold: env.number('FAILURE_THRESHOLD', 5),
    recoveryTimeoutUs: env.durationUs('RECOVERY_TIMEOUT', 30 * SECOND),
    successThreshold: env.number('SUCCESS_THRESHOLD', 3),
    requestVolumeThreshold: env.number('REQUEST_VOLUME_THRESHOLD', 10),
  };
  const kind = env.text('LIBRARY_BREAKER', 'printed');
  if (kind === 'none') return undefined;
  return kind === 'mended'
    ? new MendedCircuitBreaker(options, tell)
    : new MumbaiStyleCircuitBreaker(options, tell);
}

function paymentIn(body: string): Payment {
  const amount = /"amount"\s*:\s*(\d+(?:\.\d+)?)/.exec(body)?.[1];
  const userId = /"user_id"\s*:\s*"?([\w-]+)/.exec(body)?.[1];
  return { userId: userId ?? '1', amount: Number(amount ?? 100) };
}
