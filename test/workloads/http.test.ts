import { describe, expect, test } from 'vitest';
import type { TlsServerHelloMessage } from '../../src/proxy/wire.ts';
import { Network } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { MS, SECOND } from '../../src/sim/time.ts';
import { HttpClient, type ClientOptions } from '../../src/workloads/http/client.ts';
import type { HttpOutcome } from '../../src/workloads/http/outcome.ts';
import { HttpServer, type RequestHandler } from '../../src/workloads/http/server.ts';

function pair(handler: RequestHandler, options: ClientOptions = {}) {
  const simulation = new Simulation(1);
  const network = new Network(simulation);
  const a = network.attach({ name: 'a', ips: ['10.0.0.1'] });
  const b = network.attach({ name: 'b', ips: ['10.0.0.2'] });
  const server = new HttpServer(b, handler);
  server.listen(80);
  const resolver = { resolve: (host: string) => (host === 'b' ? '10.0.0.2' : undefined) };
  const client = new HttpClient(a, resolver, options);
  const get = (url: string, timeoutUs = 0): HttpOutcome => {
    let result: HttpOutcome | undefined;
    client.send({ method: 'GET', url, timeoutUs }, (outcome) => (result = outcome));
    const until = simulation.now + 300 * SECOND;
    while (!result && simulation.nextTime <= until) simulation.step();
    return result!;
  };
  return { simulation, network, a, b, client, server, get };
}

const ok: RequestHandler = (exchange) => exchange.respond(200, [], `you asked ${exchange.path}`);

describe('client and server', () => {
  test('a request is answered', () => {
    const { get } = pair(ok);
    const { status, body, error } = get('http://b/x?y=1');
    expect({ status, body, error }).toEqual({
      status: 200,
      body: 'you asked /x?y=1',
      error: undefined,
    });
  });

  test('the second request reuses the connection', () => {
    const { get, a } = pair(ok);
    get('http://b/');
    const first = [...a.connections][0];
    get('http://b/');
    expect([...a.connections]).toEqual([first]);
  });

  test('without keep-alive each request has its own connection', () => {
    const { get, a, simulation } = pair(ok, { keepAlive: false });
    get('http://b/');
    simulation.runUntil(simulation.now + SECOND);
    expect(a.connections.size).toBe(0);
  });

  test('HTTP/2 carries many requests over one connection', () => {
    const waiting: (() => void)[] = [];
    const world = pair((exchange) => waiting.push(() => exchange.respond(200, [], '')), {
      version: 'HTTP/2',
    });
    let answers = 0;
    for (let i = 0; i < 3; i++)
      world.client.send({ method: 'GET', url: 'http://b/' }, () => (answers += 1));
    world.simulation.runUntil(10 * MS);
    expect([waiting.length, world.a.connections.size]).toEqual([3, 1]);
    for (const answer of waiting) answer();
    world.simulation.runUntil(20 * MS);
    expect(answers).toBe(3);
  });

  test('what goes wrong is a value', () => {
    const { get } = pair((exchange) => exchange.hangUp(exchange.path === '/fin' ? 'fin' : 'reset'));
    expect(get('http://b:81/').error).toBe('refused');
    expect(get('http://c/').error).toBe('no-such-host');
    expect(get('http://10.9.9.9/').error).toBe('unreachable');
    expect(get('http://b/fin').error).toBe('closed');
    expect(get('http://b/rst').error).toBe('reset');
    expect(get('::').error).toBe('bad-url');
  });

  test('a client that waits too long gives up and closes', () => {
    let aborted = false;
    const { get, simulation } = pair((exchange) => {
      exchange.onAborted = () => (aborted = true);
    });
    const outcome = get('http://b/', 500 * MS);
    expect([outcome.error, outcome.durationUs]).toEqual(['timeout', 500 * MS]);
    simulation.runUntil(simulation.now + SECOND);
    expect(aborted).toBe(true);
  });

  test('a kept connection that has died is replaced once', () => {
    let requests = 0;
    const { get } = pair((exchange) => {
      requests += 1;
      if (requests === 2) exchange.hangUp('fin');
      else exchange.respond(200, [], '');
    });
    get('http://b/');
    expect([get('http://b/').status, requests]).toEqual([200, 3]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'over %s the request follows the handshake',
    (version) => {
      const { network, b, get } = pair(ok);
      const seen: string[] = [];
      const hello: TlsServerHelloMessage = {
        type: 'tls-server-hello',
        version,
        alpn: 'http/1.1',
        certificateChain: '',
        requestsClientCertificate: false,
      };
      b.listen(443, () => ({
        onConnected() {},
        onConnectFailed() {},
        onClosed() {},
        onMessage(end, message) {
          seen.push(message.type);
          if (message.type === 'tls-client-hello') end.write(hello);
          if (message.type === 'tls-client-finished' && version === 'TLSv1.2')
            network.simulation.schedule(
              SECOND,
              () => end.write({ type: 'tls-server-finished' }),
              undefined,
              undefined,
            );
          if (message.type === 'request') end.close();
        },
      }));
      const { error, durationUs } = get('https://b/');
      expect(seen).toEqual(['tls-client-hello', 'tls-client-finished', 'request']);
      expect([error, durationUs > SECOND]).toEqual(['closed', version === 'TLSv1.2']);
    },
  );

  test('a server that stops closes idle connections and finishes what is under way', () => {
    let answer = () => {};
    const world = pair((exchange) => (answer = () => exchange.respond(200, [], 'late')));
    let outcome: HttpOutcome | undefined;
    world.client.send({ method: 'GET', url: 'http://b/' }, (o) => (outcome = o));
    world.simulation.runUntil(5 * MS);
    world.server.stop(30 * SECOND);
    answer();
    world.simulation.runUntil(10 * MS);
    expect([outcome?.body, outcome?.headers?.get('connection')]).toEqual(['late', 'close']);
    expect(world.b.connections.size).toBe(0);
    expect(world.get('http://b/').error).toBe('refused');
  });
});
