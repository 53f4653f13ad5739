/**
 * Models the order service of a system without a mesh: three calls one after the other, addresses
 * from the environment, retries written by hand. An attempt that fails to answer sleeps 1 s, 2 s …
 * before the next; one that answers anything but 200 is tried again at once.
 *
 * Simplified: what it would write to its own log and metrics is one line of log.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { Environment } from '../environment.ts';
import type { HttpOutcome } from '../http/outcome.ts';
import type { ServerExchange } from '../http/server-exchange.ts';
import { pathOnly } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';

const JSON_TYPE = [['content-type', 'application/json']] as const;
const HEADERS = [
  ['authorization', 'Bearer order-service-token'],
  ['content-type', 'application/json'],
] as const;

interface Call {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly timeoutUs: Micros;
}

interface Order {
  readonly userId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly amount: number;
}

export function orderService(context: ContainerContext): Application {
  const env = new Environment(context.container.env, (line) => context.log(line));
  const attemptsMax = Math.min(20, Math.max(1, env.number('ATTEMPTS', 3)));
  const paymentTimeoutUs = env.durationUs('PAYMENT_TIMEOUT', 10 * SECOND);
  const userTimeoutUs = env.durationUs('USER_TIMEOUT', 5 * SECOND);
  const inventoryTimeoutUs = env.durationUs('INVENTORY_TIMEOUT', 10 * SECOND);
  const user = env.text('USER_SERVICE', 'http://user-service:8080');
  const inventory = env.text('INVENTORY_SERVICE', 'http://inventory-service:8080');
  const payment = env.text('PAYMENT_SERVICE', 'http://payment-service:8080');

  const callsOf = ({ userId, productId, quantity, amount }: Order): readonly Call[] => [
    {
      service: 'User service',
      method: 'GET',
      url: `${user}/users/${encodeURIComponent(userId)}`,
      body: '',
      timeoutUs: userTimeoutUs,
    },
    {
      service: 'Inventory service',
      method: 'POST',
      url: `${inventory}/check-availability`,
      body: JSON.stringify({ product_id: productId, quantity }),
      timeoutUs: inventoryTimeoutUs,
    },
    {
      service: 'Payment service',
      method: 'POST',
      url: `${payment}/process`,
      body: JSON.stringify({ user_id: userId, amount }),
      timeoutUs: paymentTimeoutUs,
    },
  ];

  const application = new WebApplication(context, {
    ports: [context.container.ports[0]?.containerPort ?? 8080],
    client: { headers: [['user-agent', 'python-requests/2.32.3']], idleMax: 0 },
    handler: (exchange) => {
      if (pathOnly(exchange.path) === '/health') exchange.respond(200, JSON_TYPE, '{"ok":true}');
      else callAll(exchange, callsOf(orderIn(exchange.body)), 0);
    },
  });

  const callAll = (exchange: ServerExchange, calls: readonly Call[], index: number): void => {
    const call = calls[index];
    if (!call) {
      exchange.respond(200, JSON_TYPE, '{"order_id":"12345","status":"success"}');
      return;
    }
    attempt(exchange, call, 1, (succeeded) => {
      if (succeeded) {
        callAll(exchange, calls, index + 1);
        return;
      }
      context.log(`order failed: ${call.service} unavailable`);
      exchange.respond(500, JSON_TYPE, JSON.stringify({ error: `${call.service} unavailable` }));
    });
  };

  const attempt = (
    exchange: ServerExchange,
    call: Call,
    number: number,
    onDone: (succeeded: boolean) => void,
  ): void => {
    const { method, url, body, timeoutUs } = call;
    const { requestId } = exchange;
    application.call({ method, url, headers: HEADERS, body, timeoutUs, requestId }, (outcome) => {
      if (outcome.status === 200 && !outcome.error) onDone(true);
      else if (number >= attemptsMax) onDone(false);
      else {
        const next = (): void => attempt(exchange, call, number + 1, onDone);
        context.simulation.schedule(sleepUs(outcome, number), next, undefined, undefined);
      }
    });
  };
  return application;
}

/** Only an exception sleeps; a bad status goes straight to the next attempt. */
function sleepUs(outcome: HttpOutcome, attempt: number): Micros {
  return outcome.error ? attempt * SECOND : 0;
}

function orderIn(body: string): Order {
  const fields = parsed(body);
  return {
    userId: String(fields['user_id'] ?? '1'),
    productId: String(fields['product_id'] ?? '1'),
    quantity: Number(fields['quantity'] ?? 1),
    amount: Number(fields['amount'] ?? 100),
  };
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
