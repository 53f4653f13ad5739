import { describe, expect, it } from 'vitest';
import { Network, type LinkRule } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { MS, SECOND } from '../../src/sim/time.ts';
import { AdsClient, type ResourceSink } from '../../src/xds/ads-client.ts';
import {
  AdsServer,
  type AdsServerHandler,
  type AdsServerStream,
} from '../../src/xds/ads-server.ts';
import { resourceName, type Resource } from '../../src/xds/resources/resource.ts';
import type { XdsType } from '../../src/xds/type-url.ts';

const SERVER = { ip: '10.0.0.2', port: 15012 };

/** A proxy that takes everything over, except what is named "bad…". */
class Sink implements ResourceSink {
  readonly applied: string[] = [];
  readonly connected: boolean[] = [];
  wanted = new Map<XdsType, string[]>();

  apply(type: XdsType, resources: readonly Resource[]): string | undefined {
    const names = resources.map(resourceName);
    const bad = names.find((name) => name.startsWith('bad'));
    if (bad) return `${bad}: no such field`;
    this.applied.push(`${type} ${names.join(',')}`);
    if (type === 'CDS') this.wanted.set('EDS', names);
    if (type === 'LDS')
      this.wanted.set(
        'RDS',
        names.map((name) => `route-${name}`),
      );
    return undefined;
  }

  subscriptions(type: XdsType): readonly string[] | undefined {
    return this.wanted.get(type);
  }

  connectionChanged(isConnected: boolean): void {
    this.connected.push(isConnected);
  }
}

/** A management server with a fixed set of clusters and listeners. */
class Handler implements AdsServerHandler {
  clusters = ['a', 'b'];
  readonly log: string[] = [];
  stream: AdsServerStream | undefined;
  version = '1';
  isSilent = false;

  streamOpened(stream: AdsServerStream): boolean {
    this.stream = stream;
    this.log.push(`open ${stream.node.id}`);
    return true;
  }

  subscribed(stream: AdsServerStream, type: XdsType, added: readonly string[]): void {
    this.log.push(`subscribe ${type} ${added.join(',')}`.trim());
    if (this.isSilent) return;
    const names = type === 'CDS' ? this.clusters : type === 'LDS' ? ['l'] : added;
    stream.send(
      type,
      this.version,
      names.map((name) => resource(type, name)),
    );
  }

  answered(_stream: AdsServerStream, type: XdsType, error: string | undefined): void {
    this.log.push(error === undefined ? `ack ${type}` : `nack ${type} ${error}`);
  }

  streamClosed(): void {
    this.log.push('close');
  }
}

function resource(type: XdsType, name: string): Resource {
  return type === 'EDS' ? { cluster_name: name } : { name };
}

function setUp(seed = 1) {
  const simulation = new Simulation(seed);
  const network = new Network(simulation);
  const pod = network.attach({ name: 'pod', ips: ['10.0.0.1'] });
  const istiod = network.attach({ name: 'istiod', ips: [SERVER.ip] });
  const handler = new Handler();
  const server = new AdsServer(istiod, SERVER.port, handler);
  const sink = new Sink();
  const client = new AdsClient(pod, sink, {
    node: { id: 'sidecar~10.0.0.1~pod.default~default.svc.cluster.local' },
    resolve: () => SERVER,
  });
  server.start();
  client.start();
  return { simulation, network, istiod, handler, server, sink, client };
}

function cut(): LinkRule {
  return (_from, _to, condition) => {
    condition.partitioned = true;
  };
}

describe('a stream', () => {
  it('brings clusters, endpoints, listeners and routes in this order, then rests', () => {
    const { simulation, sink, client } = setUp();
    simulation.runUntil(1 * SECOND);
    expect(sink.applied).toEqual(['CDS a,b', 'EDS a,b', 'LDS l', 'RDS route-l']);
    expect(simulation.pending).toBe(0);
    expect(client.version('RDS')).toBe('1');
  });

  it('is opened by one request that carries the node', () => {
    const { simulation, handler } = setUp();
    simulation.runUntil(1 * SECOND);
    expect(handler.log.slice(0, 4)).toEqual([
      'open sidecar~10.0.0.1~pod.default~default.svc.cluster.local',
      'subscribe CDS',
      'ack CDS',
      'subscribe EDS a,b',
    ]);
  });

  it('carries a full set again after a change, and each answer is acknowledged once', () => {
    const { simulation, handler, sink } = setUp();
    simulation.runUntil(1 * SECOND);
    handler.log.length = 0;
    handler.stream!.send(
      'CDS',
      '2',
      ['a', 'c'].map((name) => resource('CDS', name)),
    );
    simulation.runUntil(2 * SECOND);
    expect(sink.applied.slice(4)).toEqual(['CDS a,c', 'EDS c']);
    expect(handler.log).toEqual(['ack CDS', 'subscribe EDS c', 'ack EDS']);
  });

  it('lets a proxy drop names without an answer', () => {
    const { simulation, handler, sink, client } = setUp();
    simulation.runUntil(1 * SECOND);
    handler.log.length = 0;
    sink.wanted.set('EDS', ['a']);
    client.subscriptionsChanged();
    simulation.runUntil(2 * SECOND);
    expect(handler.log).toEqual([]);
    expect(handler.stream!.watched('EDS')!.names).toEqual(['a']);
  });

  it('sends a name again that was dropped and is wanted again', () => {
    const { simulation, sink, client } = setUp();
    simulation.runUntil(1 * SECOND);
    for (const names of [['a'], ['a', 'b']]) {
      sink.wanted.set('EDS', names);
      client.subscriptionsChanged();
      simulation.runUntil(simulation.now + 1 * SECOND);
    }
    expect(sink.applied.at(-1)).toBe('EDS b');
  });
});

describe('a rejected response', () => {
  it('is answered with its nonce, the error and the version before', () => {
    const { simulation, handler, client } = setUp();
    simulation.runUntil(1 * SECOND);
    handler.stream!.send('CDS', '2', [resource('CDS', 'bad')]);
    simulation.runUntil(2 * SECOND);
    const watched = handler.stream!.watched('CDS')!;
    expect(watched.nonceAnswered).toBe(watched.nonceSent);
    expect(watched).toMatchObject({
      versionSent: '2',
      versionAccepted: '1',
      error: 'bad: no such field',
    });
    expect(client.version('CDS')).toBe('1');
  });

  it('is forgotten when a good one follows', () => {
    const { simulation, handler } = setUp();
    simulation.runUntil(1 * SECOND);
    handler.stream!.send('CDS', '2', [resource('CDS', 'bad')]);
    handler.stream!.send('CDS', '3', [resource('CDS', 'a')]);
    simulation.runUntil(2 * SECOND);
    expect(handler.stream!.watched('CDS')).toMatchObject({
      versionAccepted: '3',
      error: undefined,
    });
  });
});

describe('an answer to an older response', () => {
  it('is ignored', () => {
    const { simulation, handler } = setUp();
    simulation.runUntil(1 * SECOND);
    handler.log.length = 0;
    handler.stream!.send('CDS', '2', [resource('CDS', 'a')]);
    handler.stream!.send('CDS', '3', [resource('CDS', 'a')]);
    simulation.runUntil(2 * SECOND);
    expect(handler.log).toEqual(['ack CDS']);
    expect(handler.stream!.watched('CDS')!.versionAccepted).toBe('3');
  });
});

describe('losing the server', () => {
  it('leaves what was applied and comes back with growing, jittered pauses', () => {
    const { simulation, network, istiod, server, handler, sink, client } = setUp();
    simulation.runUntil(1 * SECOND);
    server.stop();
    istiod.shutdown('reset');
    simulation.runUntil(60 * SECOND);
    expect(client.isConnected).toBe(false);
    expect(client.version('CDS')).toBe('1');
    const again = new AdsServer(istiod, SERVER.port, handler);
    again.start();
    handler.version = '2';
    simulation.runUntil(120 * SECOND);
    expect(sink.connected).toEqual([true, false, true]);
    expect(sink.applied.slice(4)).toEqual(['CDS a,b', 'EDS a,b', 'LDS l', 'RDS route-l']);
    expect(client.version('LDS')).toBe('2');
    expect(network.simulation.pending).toBe(0);
  });

  it('is not noticed while a partition merely delays', () => {
    const { simulation, network, handler, sink, client } = setUp();
    simulation.runUntil(1 * SECOND);
    const heal = network.addLinkRule(cut());
    handler.stream!.send('CDS', '2', [resource('CDS', 'c')]);
    simulation.runUntil(20 * SECOND);
    expect([client.isConnected, client.version('CDS')]).toEqual([true, '1']);
    heal();
    simulation.runUntil(21 * SECOND);
    expect(sink.applied.slice(4)).toEqual(['CDS c', 'EDS c']);
  });

  it('ends with the client', () => {
    const { simulation, handler, client } = setUp();
    simulation.runUntil(1 * SECOND);
    client.stop();
    simulation.runUntil(100 * SECOND);
    expect(handler.log.at(-1)).toBe('close');
    expect(simulation.pending).toBe(0);
  });
});

describe('the trace', () => {
  it('tells of streams, pushes and answers, and is the same for the same seed', () => {
    const run = (seed: number) => {
      const { simulation, handler } = setUp(seed);
      const events: string[] = [];
      simulation.trace.subscribe((kind) => events.push(kind.name));
      simulation.runUntil(1 * SECOND);
      handler.stream!.send('CDS', '2', [resource('CDS', 'bad')]);
      simulation.runUntil(1 * SECOND + 100 * MS);
      return { events, hash: simulation.trace.hash };
    };
    const { events, hash } = run(3);
    expect(events.slice(0, 3)).toEqual(['xds.stream-opened', 'xds.push', 'xds.ack']);
    expect(events.slice(-2)).toEqual(['xds.push', 'xds.nack']);
    expect(run(3).hash).toBe(hash);
  });
});
