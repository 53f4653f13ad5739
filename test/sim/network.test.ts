import { describe, expect, it } from 'vitest';
import type { ConnectionEnd, ConnectionHandler } from '../../src/sim/network/connection.ts';
import type { NetworkNamespace } from '../../src/sim/network/namespace.ts';
import { Network, type LinkRule } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { MS, SECOND } from '../../src/sim/time.ts';

/** A handler that writes down what it hears, with the time. */
class Ear implements ConnectionHandler {
  readonly heard: string[] = [];
  readonly #simulation: Simulation;
  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }
  onConnected(): void {
    this.#note('connected');
  }
  onConnectFailed(_end: ConnectionEnd, reason: string): void {
    this.#note(reason);
  }
  onMessage(_end: ConnectionEnd, message: { type: string }): void {
    this.#note(message.type);
  }
  onClosed(_end: ConnectionEnd, how: string): void {
    this.#note(how);
  }
  #note(what: string): void {
    this.heard.push(`${what}@${this.#simulation.now}`);
  }
  get words(): string[] {
    return this.heard.map((line) => line.split('@')[0]!);
  }
}

/** Two pods of one zone; the server listens on 80. One way takes 250 µs. */
function twoPods(seed = 1) {
  const simulation = new Simulation(seed);
  const network = new Network(simulation);
  const client = network.attach({ name: 'client', ips: ['10.0.0.1'] });
  const server = network.attach({ name: 'server', ips: ['10.0.0.2'] });
  const clientEar = new Ear(simulation);
  const serverEar = new Ear(simulation);
  const accepted: ConnectionEnd[] = [];
  server.listen(80, (end) => {
    accepted.push(end);
    return serverEar;
  });
  const connect = () => client.connect({ ip: '10.0.0.2', port: 80 }, clientEar);
  return { simulation, network, client, server, clientEar, serverEar, accepted, connect };
}

const message = (type: string) => ({ type });

function partition(one: NetworkNamespace): LinkRule {
  return (from, to, condition) => {
    if ((from === one) !== (to === one)) condition.partitioned = true;
  };
}

describe('a connection', () => {
  it('takes a round trip to open and half of one for a message', () => {
    const { simulation, clientEar, serverEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    end.write(message('hello'));
    simulation.runUntil(2 * MS);
    expect(clientEar.heard).toEqual(['connected@500']);
    expect(serverEar.heard).toEqual(['connected@250', 'hello@1250']);
  });

  it('delivers what was written before FIN, then FIN', () => {
    const { simulation, serverEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    end.write(message('a'));
    end.write(message('b'));
    end.close();
    end.write(message('too late'));
    simulation.runUntil(1 * SECOND);
    expect(serverEar.words).toEqual(['connected', 'a', 'b', 'fin']);
  });

  it('is refused where nobody listens', () => {
    const { simulation, client, clientEar } = twoPods();
    client.connect({ ip: '10.0.0.2', port: 81 }, clientEar);
    simulation.runUntil(1 * SECOND);
    expect(clientEar.heard).toEqual(['refused@500']);
  });

  it('fails after 3 s at an address that nobody has', () => {
    const { simulation, client, clientEar } = twoPods();
    client.connect({ ip: '10.9.9.9', port: 80 }, clientEar);
    simulation.runUntil(10 * SECOND);
    expect(clientEar.heard).toEqual(['unreachable@3000000']);
  });

  it('is given up after 127 s of partition: 1 + 2 + 4 … + 64 s', () => {
    const { simulation, network, server, clientEar, connect } = twoPods();
    network.addLinkRule(partition(server));
    connect();
    simulation.runUntil(200 * SECOND);
    expect(clientEar.heard).toEqual(['timed-out@127000000']);
  });

  it('knows on both ends who holds it', () => {
    const { simulation, client, server, clientEar, serverEar } = twoPods();
    let accepted: ConnectionEnd | undefined;
    const acceptor = (end: ConnectionEnd) => {
      accepted = end;
      return serverEar;
    };
    server.listen(15006, acceptor, { owner: 'proxy' });
    const end = client.connect({ ip: '10.0.0.2', port: 15006 }, clientEar, { owner: 'proxy' });
    simulation.runUntil(1 * SECOND);
    expect([end.side, accepted?.side]).toEqual(['proxy', 'proxy']);
    expect(twoPods().connect().side).toBe('application');
  });

  it('never lets the first message of the server overtake the SYN-ACK under jitter', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { simulation, network, client, server, clientEar, serverEar } = twoPods(seed);
      network.addLinkRule((_from, _to, condition) => {
        condition.jitterUs = 100 * MS;
      });
      server.listen(81, (end) => {
        end.write(message('banner'));
        return serverEar;
      });
      client.connect({ ip: '10.0.0.2', port: 81 }, clientEar);
      simulation.runUntil(1 * SECOND);
      expect(clientEar.words).toEqual(['connected', 'banner']);
    }
  });

  it('keeps messages in order under jitter and loss', () => {
    const { simulation, network, serverEar, connect } = twoPods(7);
    network.addLinkRule((_from, _to, condition) => {
      condition.jitterUs = 50 * MS;
      condition.lossPerMillion = 300_000;
    });
    const end = connect();
    simulation.runUntil(60 * SECOND);
    const sent = Array.from({ length: 100 }, (_, i) => `m${i}`);
    for (const name of sent) end.write(message(name));
    simulation.runUntil(600 * SECOND);
    expect(serverEar.words.slice(1)).toEqual(sent);
  });

  it('costs nothing while it is idle', () => {
    const { simulation, connect } = twoPods();
    connect();
    simulation.runUntil(1 * SECOND);
    expect(simulation.pending).toBe(0);
  });
});

describe('a partition', () => {
  it('delays messages until it heals', () => {
    const { simulation, network, server, serverEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    const heal = network.addLinkRule(partition(server));
    end.write(message('a'));
    simulation.runUntil(10 * SECOND);
    expect(serverEar.words).toEqual(['connected']);
    heal();
    end.write(message('b'));
    simulation.runUntil(11 * SECOND);
    expect(serverEar.heard.slice(1)).toEqual(['a@10000250', 'b@10000250']);
  });

  it.each(['fin', 'reset'] as const)('does not swallow a %s of an end closed meanwhile', (how) => {
    const { simulation, network, client, server, serverEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    const heal = network.addLinkRule(partition(server));
    end.write(message('last words'));
    if (how === 'fin') end.close();
    else end.reset();
    expect(client.connections.size).toBe(0);
    simulation.runUntil(5 * SECOND);
    heal();
    simulation.runUntil(6 * SECOND);
    expect(serverEar.words).toEqual(['connected', 'last words', how]);
  });

  it('hides the shutdown and removal of a pod until it heals', () => {
    const { simulation, network, server, clientEar, connect } = twoPods();
    connect();
    simulation.runUntil(1 * MS);
    const heal = network.addLinkRule(partition(server));
    server.shutdown('reset');
    network.detach(server);
    simulation.runUntil(5 * SECOND);
    expect(clientEar.words).toEqual(['connected']);
    heal();
    simulation.runUntil(6 * SECOND);
    expect(clientEar.words).toEqual(['connected', 'reset']);
  });

  it('makes an end that holds back too much give up', () => {
    const { simulation, network, server, clientEar, serverEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    const heal = network.addLinkRule(partition(server));
    for (let i = 0; i <= 65_536; i++) end.write(message('x'));
    simulation.runUntil(2 * MS);
    expect(clientEar.words).toEqual(['connected', 'reset']);
    heal();
    simulation.runUntil(1 * SECOND);
    expect(serverEar.words.at(-1)).toBe('reset');
  });
});

describe('a machine that is off', () => {
  it('stalls its connections until it is on again', () => {
    const { simulation, server, clientEar, serverEar, accepted, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    server.up = false;
    end.write(message('to'));
    accepted[0]!.write(message('fro'));
    simulation.runUntil(30 * SECOND);
    expect([serverEar.words, clientEar.words]).toEqual([['connected'], ['connected']]);
    server.up = true;
    simulation.runUntil(31 * SECOND);
    expect(serverEar.words).toEqual(['connected', 'to']);
    expect(clientEar.words).toEqual(['connected', 'fro']);
  });
});

describe('a pod on a machine that is off', () => {
  it('leaves nothing behind when it is removed', () => {
    const { simulation, network, server, clientEar, connect } = twoPods();
    const end = connect();
    simulation.runUntil(1 * MS);
    server.up = false;
    end.write(message('lost'));
    server.shutdown('reset');
    expect(network.holdingCount).toBe(2);
    network.detach(server);
    expect(network.holdingCount).toBe(0);
    simulation.runUntil(100 * SECOND);
    expect([clientEar.words, end.state]).toEqual([['connected'], 'open']);
  });
});

describe('an observer of messages', () => {
  it('hears of each one when it leaves', () => {
    const { simulation, network, connect } = twoPods();
    const seen: [string, number, number][] = [];
    const end = connect();
    simulation.runUntil(1 * MS);
    network.onTransit = (_end, { type }, depart, arrive) => seen.push([type, depart, arrive]);
    end.write(message('a'));
    expect(seen).toEqual([['a', 1000, 1250]]);
  });
});

describe('nat rules', () => {
  it('redirect what the application opens, not what the proxy opens', () => {
    const { simulation, client, clientEar, serverEar } = twoPods();
    const redirected: ConnectionEnd[] = [];
    client.nat = { redirectOutbound: () => 15001, redirectInbound: () => undefined };
    client.listen(15001, (end) => {
      redirected.push(end);
      return serverEar;
    });
    client.connect({ ip: '10.0.0.2', port: 80 }, clientEar);
    client.connect({ ip: '10.0.0.2', port: 80 }, clientEar, { owner: 'proxy' });
    simulation.runUntil(1 * SECOND);
    expect(redirected.map((end) => end.originalDestination)).toEqual([
      { ip: '10.0.0.2', port: 80 },
    ]);
    expect(redirected[0]!.local).toEqual({ ip: '10.0.0.1', port: 15001 });
  });
});
