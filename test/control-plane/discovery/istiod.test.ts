import { describe, expect, it } from 'vitest';
import { parseCertificateChain } from '../../../src/ca/certificate.ts';
import { verifyChain } from '../../../src/ca/chain-verification.ts';
import { Istiod } from '../../../src/control-plane/discovery/istiod.ts';
import { HOUR, MS, SECOND, wallClockMs } from '../../../src/sim/time.ts';
import { AdsClient } from '../../../src/xds/ads-client.ts';
import { proxyNode, setUp, Sink } from './bench.ts';

describe('a proxy that connects', () => {
  it('gets clusters, endpoints, secrets and listeners', () => {
    const { clients } = setUp();
    expect(clients[0]!.sink.applied).toEqual([
      'CDS a,b',
      'SDS default,ROOTCA',
      'EDS a,b',
      'LDS virtualInbound',
    ]);
  });

  it('is told apart by its node', () => {
    const { istiod } = setUp();
    expect(istiod.proxyStatus()[0]!.proxy).toMatchObject(proxyNode('p0', '10.0.1.0'));
  });

  it('is turned away when its node id is not of Istio’s form', () => {
    const { simulation, network, istiod } = setUp(0);
    const stranger = network.attach({ name: 'x', ips: ['10.0.2.1'] });
    const client = new AdsClient(stranger, new Sink(), {
      node: { id: 'me' },
      resolve: () => ({ ip: '10.0.0.2', port: 15012 }),
    });
    client.start();
    simulation.runUntil(simulation.now + 100 * MS);
    expect(istiod.proxyStatus()).toEqual([]);
  });
});

describe('changes', () => {
  it('are pushed 100 ms after the last of them', () => {
    const { simulation, world, pushes, change } = setUp();
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(simulation.now + 60 * MS);
    change('VirtualService', 'c');
    simulation.runUntil(2 * SECOND);
    // 1,000 + 60 + 100 quiet + 10 rebuild + 1 push = 1,171 ms, then a round trip for EDS.
    expect(pushes[0]).toBe('p0.shop CDS @1171');
    expect(world.rebuilds[1]!.map(({ kind }) => kind)).toEqual(['Service', 'VirtualService']);
  });

  it('that never pause are pushed after 10 s all the same', () => {
    const { simulation, world, pushes, change } = setUp();
    for (let i = 0; i < 240; i++) {
      simulation.schedule(i * 50 * MS, () => change('Service', 'c'), undefined, undefined);
    }
    world.services.set('c', 1);
    simulation.runUntil(14 * SECOND);
    expect(pushes[0]).toMatch(/CDS @110\d\d$/);
    expect(world.rebuilds.length).toBe(3);
  });

  it('that alter nothing for a proxy are not pushed to it', () => {
    const { simulation, pushes, change } = setUp();
    change('VirtualService', 'a');
    simulation.runUntil(2 * SECOND);
    expect(pushes).toEqual([]);
  });

  it('of endpoints push these endpoints alone, and build nothing else', () => {
    const { simulation, world, clients, pushes, change } = setUp();
    world.generated = [];
    world.services.set('b', 3);
    change('EndpointSlice', 'b');
    simulation.runUntil(2 * SECOND);
    expect(world.generated).toEqual(['p0.shop EDS']);
    expect(pushes).toEqual(['p0.shop EDS @1111']);
    expect(clients[0]!.sink.applied.at(-1)).toBe('EDS b');
  });

  it('of endpoints that a proxy no longer asks for are not pushed to it', () => {
    const { simulation, world, clients, pushes, change } = setUp();
    clients[0]!.sink.wantsEndpoints = false;
    clients[0]!.client.subscriptionsChanged();
    simulation.runUntil(simulation.now + 10 * MS);
    world.services.set('b', 3);
    change('EndpointSlice', 'b');
    change('Service', 'b');
    simulation.runUntil(2 * SECOND);
    expect(pushes).toEqual([]);
  });

  it('of a service also push the endpoints that changed with it', () => {
    const { simulation, world, clients, change } = setUp();
    world.services = new Map([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]);
    change('EndpointSlice', 'a');
    change('Service', 'c');
    simulation.runUntil(2 * SECOND);
    expect(clients[0]!.sink.applied.slice(4)).toEqual(['CDS a,b,c', 'EDS a', 'EDS c']);
  });
});

describe('a cluster that changed', () => {
  it('brings its endpoints along, since it waits for them before it is used', () => {
    const { simulation, world, clients, change } = setUp();
    world.timeouts.set('b', '1s');
    change('DestinationRule', 'b');
    simulation.runUntil(2 * SECOND);
    expect(clients[0]!.sink.applied.slice(4)).toEqual(['CDS a,b', 'EDS b']);
  });
});

describe('the push queue', () => {
  it('serves so many proxies at once and no more', () => {
    const { simulation, world, pushes, change } = setUp(4, { pushesAtOnceMax: 2 });
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(2 * SECOND);
    expect(pushes.filter((push) => push.includes('CDS'))).toEqual([
      'p0.shop CDS @1111',
      'p1.shop CDS @1111',
      'p2.shop CDS @1112',
      'p3.shop CDS @1112',
    ]);
  });

  it('merges what comes for a proxy that is being served', () => {
    const { simulation, world, clients, pushes, change } = setUp(1, { pushUs: 1 * SECOND });
    simulation.runUntil(10 * SECOND);
    clients[0]!.sink.applied.length = pushes.length = 0;
    for (const count of [2, 3, 4]) {
      simulation.schedule(
        count * 200 * MS,
        () => {
          world.services.set('a', count);
          change('EndpointSlice', 'a');
        },
        undefined,
        undefined,
      );
    }
    simulation.runUntil(20 * SECOND);
    expect(pushes).toHaveLength(2);
  });
});

describe('proxy status', () => {
  it('is synced when everything was acknowledged', () => {
    const { istiod } = setUp();
    const { types, istiod: pod } = istiod.proxyStatus()[0]!;
    const states = Object.entries(types).map(([type, { state }]) => `${type} ${state}`);
    expect(states).toEqual([
      'CDS synced',
      'EDS synced',
      'LDS synced',
      'RDS not-sent',
      'SDS synced',
    ]);
    expect([pod, types.CDS.versionSent]).toEqual([
      'istiod-1.istio-system',
      '2026-01-01T00:00:00Z/1',
    ]);
  });

  it('is stale while an answer is due, and nacked with the reason after a rejection', () => {
    const { simulation, world, istiod, clients, change } = setUp();
    clients[0]!.sink.rejects = 'CDS';
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(1 * SECOND + 111 * MS);
    simulation.runUntil(simulation.nextTime);
    expect(istiod.proxyStatus()[0]!.types.CDS.state).toBe('stale');
    simulation.runUntil(2 * SECOND);
    expect(istiod.proxyStatus()[0]!.types.CDS).toEqual({
      state: 'nacked',
      versionSent: '2026-01-01T00:00:01Z/2',
      versionAccepted: '2026-01-01T00:00:00Z/1',
      error: 'no such field',
    });
  });
});

describe('workload certificates', () => {
  it('are good, and name the service account', () => {
    const { simulation, clients, authority } = setUp();
    const [certificate, root] = clients[0]!.sink.secrets;
    const chain = certificate!.tls_certificate!.certificate_chain!.inline_string!;
    const trusted = root!.validation_context!.trusted_ca!.inline_string!;
    expect(trusted).toBe(authority.rootPem);
    expect(verifyChain(chain, trusted, wallClockMs(simulation.now))).toMatchObject({
      ok: true,
      leaf: { uris: ['spiffe://cluster.local/ns/shop/sa/p0'] },
    });
  });

  it('are renewed at half of their life, 12 h ± 15 min, and no push repeats them', () => {
    const { simulation, clients, change } = setUp();
    const { secrets } = clients[0]!.sink;
    simulation.runUntil(11 * HOUR + 45 * 60 * SECOND);
    expect(secrets).toHaveLength(2);
    simulation.runUntil(12 * HOUR + 15 * 60 * SECOND);
    expect(secrets).toHaveLength(3);
    const serials = [secrets[0]!, secrets[2]!].map(
      ({ tls_certificate }) =>
        parseCertificateChain(tls_certificate!.certificate_chain!.inline_string!)[0]!.serialNumber,
    );
    expect(serials[0]).not.toBe(serials[1]);
    change('VirtualService', 'a');
    simulation.runUntil(13 * HOUR);
    expect(secrets).toHaveLength(3);
  });
});

describe('an istiod that ends', () => {
  it('leaves its proxies as they are; another serves them in full', () => {
    const { simulation, network, world, authority, istiod, clients } = setUp();
    istiod.stop();
    simulation.runUntil(5 * SECOND);
    expect(istiod.proxyStatus()).toEqual([]);
    const { client, sink } = clients[0]!;
    expect([client.isConnected, client.version('CDS')]).toEqual([false, '2026-01-01T00:00:00Z/1']);
    const other = new Istiod(network.namespaceAt('10.0.0.2')!, world, authority);
    other.start();
    simulation.runUntil(60 * SECOND);
    expect(client.isConnected).toBe(true);
    expect(sink.applied.slice(4)).toHaveLength(4);
  });
});
