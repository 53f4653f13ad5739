import { describe, expect, it } from 'vitest';
import { Istiod } from '../../../src/control-plane/discovery/istiod.ts';
import { printProxyNode } from '../../../src/control-plane/discovery/proxy-node.ts';
import type { ConnectionEnd, WireMessage } from '../../../src/sim/network/connection.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { AdsClient } from '../../../src/xds/ads-client.ts';
import type { DeltaDiscoveryResponse } from '../../../src/xds/delta-discovery.ts';
import { resourceName } from '../../../src/xds/resources/resource.ts';
import { clusterName, proxyNode, serviceOf, setUp, Sink } from './bench.ts';

/** What goes over the wire to a client, shortened: "CDS +a,b -c". */
function tap(client: AdsClient): string[] {
  const log: string[] = [];
  const take = client.onMessage.bind(client);
  const short = (name: string) => (name.includes('|') ? serviceOf(name) : name);
  client.onMessage = (end: ConnectionEnd, message: WireMessage) => {
    const { xdsType, resources, removedResources } = message as DeltaDiscoveryResponse;
    const added = resources.map((one) => `+${short(resourceName(one))}`);
    const removed = removedResources.map((name) => `-${short(name)}`);
    log.push([xdsType, ...added, ...removed].join(' '));
    take(end, message);
  };
  return log;
}

function setUpDelta() {
  const bench = setUp(1, {}, true);
  const { client, sink } = bench.clients[0]!;
  return { ...bench, client, sink, wire: tap(client) };
}

describe('a proxy that speaks the incremental variant', () => {
  it('gets the same as another, in the same order', () => {
    const { sink } = setUpDelta();
    expect(sink.applied).toEqual(setUp().clients[0]!.sink.applied);
  });

  it('is sent the one cluster that is new, and told which is gone; it always knows all', () => {
    const { simulation, world, sink, wire, change } = setUpDelta();
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(2 * SECOND);
    world.services.delete('a');
    change('Service', 'a');
    simulation.runUntil(3 * SECOND);
    // The endpoints of a, none, go out before the proxy has dropped its subscription.
    expect(wire).toEqual(['CDS +c', 'EDS +c', 'CDS -a', 'EDS +a']);
    expect(sink.applied.slice(4)).toEqual(['CDS a,b,c', 'EDS c', 'CDS b,c', 'EDS a']);
  });

  it('is sent endpoints alone when they alone changed', () => {
    const { simulation, world, wire, change } = setUpDelta();
    world.services.set('b', 3);
    change('EndpointSlice', 'b');
    simulation.runUntil(2 * SECOND);
    expect(wire).toEqual(['EDS +b']);
  });

  it('is synced when it acknowledged, though its answers carry no version', () => {
    const { istiod } = setUpDelta();
    expect(istiod.proxyStatus()[0]!.types.CDS).toEqual({
      state: 'synced',
      versionSent: '2026-01-01T00:00:00Z/1',
      versionAccepted: '2026-01-01T00:00:00Z/1',
      error: '',
    });
  });

  it('keeps what it had when it rejects, and is sent all of it again with the next push', () => {
    const { simulation, world, istiod, client, sink, wire, change } = setUpDelta();
    sink.rejects = 'CDS';
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(2 * SECOND);
    expect(istiod.proxyStatus()[0]!.types.CDS.state).toBe('nacked');
    expect(client.version('CDS')).toBe('2026-01-01T00:00:00Z/1');
    sink.rejects = '';
    change('VirtualService', 'a');
    simulation.runUntil(3 * SECOND);
    expect(wire.filter((line) => line.startsWith('CDS'))).toEqual(['CDS +c', 'CDS +a +b +c']);
    expect(istiod.proxyStatus()[0]!.types.CDS.state).toBe('synced');
  });

  it('names what it holds when it comes back, and learns what went away meanwhile', () => {
    const { simulation, network, world, authority, istiod, sink, wire } = setUpDelta();
    istiod.stop();
    world.services.delete('a');
    const other = new Istiod(network.namespaceAt('10.0.0.2')!, world, authority);
    other.start();
    simulation.runUntil(60 * SECOND);
    expect(wire[0]).toBe('CDS +b -a');
    expect(sink.applied[4]).toBe('CDS b');
    expect(other.proxyStatus()[0]!.types.EDS.state).toBe('synced');
  });

  it('shares an istiod with proxies that speak the other', () => {
    const { simulation, network, world, istiod, sink, change } = setUpDelta();
    const neighbour = new Sink();
    const client = new AdsClient(network.attach({ name: 'n.shop', ips: ['10.0.3.1'] }), neighbour, {
      node: printProxyNode(proxyNode('n', '10.0.3.1')),
      resolve: () => ({ ip: '10.0.0.2', port: 15012 }),
    });
    client.start();
    simulation.runUntil(2 * SECOND);
    world.timeouts.set('b', '1s');
    world.services.delete('a');
    change('Service', 'a');
    simulation.runUntil(3 * SECOND);
    expect(sink.applied.slice(4)).toEqual(['CDS b', 'EDS a,b']);
    expect(neighbour.applied.slice(4)).toEqual(['CDS b', 'EDS a,b']);
    expect(istiod.proxyStatus().map(({ types }) => types.CDS.state)).toEqual(['synced', 'synced']);
  });

  it('asks for a name again that it had dropped', () => {
    const { simulation, client, sink, wire } = setUpDelta();
    for (const wants of [false, true]) {
      sink.wantsEndpoints = wants;
      client.subscriptionsChanged();
      simulation.runUntil(simulation.now + SECOND);
    }
    expect(wire).toEqual(['EDS +a +b']);
    expect(sink.applied.at(-1)).toBe('EDS a,b');
    expect(clusterName('a')).toContain('a.shop');
  });
});
