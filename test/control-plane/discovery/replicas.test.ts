import { describe, expect, it } from 'vitest';
import { Istiod } from '../../../src/control-plane/discovery/istiod.ts';
import { printProxyNode } from '../../../src/control-plane/discovery/proxy-node.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { AdsClient } from '../../../src/xds/ads-client.ts';
import { proxyNode, setUp, Sink } from './bench.ts';

const SERVICE = { ip: '10.96.0.10', port: 15012 };

/** Two istiods behind one service that picks the first one that is ready, and a proxy. */
function setUpTwo(isDelta: boolean) {
  const bench = setUp(0);
  const { simulation, network, world, authority, istiod } = bench;
  const second = network.attach({ name: 'istiod-2.istio-system', ips: ['10.0.0.3'] });
  const other = new Istiod(second, world, authority);
  other.start();
  const ready = new Map([
    ['10.0.0.2', istiod],
    ['10.0.0.3', other],
  ]);
  network.translateService = (_from, to) => {
    const [ip] = ready.keys();
    return to.ip === SERVICE.ip && ip ? { ip, port: to.port } : undefined;
  };
  const stop = (ip: string) => {
    ready.get(ip)!.stop();
    ready.delete(ip);
  };
  const sink = new Sink();
  const client = new AdsClient(network.attach({ name: 'p.shop', ips: ['10.0.1.9'] }), sink, {
    node: printProxyNode(proxyNode('p', '10.0.1.9')),
    resolve: () => SERVICE,
    isDelta,
  });
  client.start();
  simulation.runUntil(2 * SECOND);
  return { ...bench, other, sink, client, stop };
}

describe.each([
  ['state of the world', false],
  ['incremental', true],
])('several istiods, %s', (_name, isDelta) => {
  it('share the proxies: each has its own, and all hear of every change', () => {
    const { simulation, world, istiod, other, sink, change } = setUpTwo(isDelta);
    expect([istiod.proxyStatus().length, other.proxyStatus().length]).toEqual([1, 0]);
    world.services.set('c', 1);
    change('Service', 'c');
    other.configChanged('Service', 'c', 'shop');
    simulation.runUntil(4 * SECOND);
    expect([istiod.version.split('/')[1], other.version.split('/')[1]]).toEqual(['2', '2']);
    expect(sink.applied.slice(4)).toEqual(['CDS a,b,c', 'EDS c']);
  });

  it('take over from each other when one goes away', () => {
    const { simulation, world, other, sink, client, stop } = setUpTwo(isDelta);
    world.services.set('c', 1);
    other.configChanged('Service', 'c', 'shop');
    stop('10.0.0.2');
    simulation.runUntil(10 * SECOND);
    expect(client.isConnected).toBe(true);
    expect(other.proxyStatus().map(({ istiod }) => istiod)).toEqual(['istiod-2.istio-system']);
    expect(Object.values(other.proxyStatus()[0]!.types).map(({ state }) => state)).not.toContain(
      'stale',
    );
    expect(sink.applied[4]).toBe('CDS a,b,c');
  });

  it('leave a proxy with its configuration when all are gone', () => {
    const { simulation, client, sink, stop } = setUpTwo(isDelta);
    stop('10.0.0.2');
    stop('10.0.0.3');
    simulation.runUntil(60 * SECOND);
    expect([client.isConnected, sink.applied.length]).toEqual([false, 4]);
    expect(client.version('CDS')).toBe('2026-01-01T00:00:00Z/1');
  });
});
