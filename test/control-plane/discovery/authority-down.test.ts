import { describe, expect, it } from 'vitest';
import { parseCertificateChain } from '../../../src/ca/certificate.ts';
import { Istiod } from '../../../src/control-plane/discovery/istiod.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/sim/time.ts';
import { setUp, type Sink } from './bench.ts';

/** Serial numbers of the certificates that a proxy was given. */
function serials({ secrets }: Sink): string[] {
  return secrets
    .map(({ tls_certificate }) => tls_certificate?.certificate_chain?.inline_string)
    .filter((pem) => pem !== undefined)
    .map((pem) => parseCertificateChain(pem)[0]!.serialNumber);
}

describe('an authority that is down', () => {
  it('leaves a proxy what it has, and renews it soon after it is back', () => {
    const { simulation, authority, clients } = setUp();
    const { sink } = clients[0]!;
    simulation.runUntil(1 * HOUR);
    authority.isDown = true;
    simulation.runUntil(14 * HOUR);
    expect(serials(sink)).toHaveLength(1);
    authority.isDown = false;
    simulation.runUntil(simulation.now + 30 * SECOND + SECOND);
    expect(new Set(serials(sink)).size).toBe(2);
    expect(authority.issued.map(({ requestedBy }) => requestedBy)).toEqual(['p0.shop', 'p0.shop']);
  });

  it('is asked again with growing pauses, never more often than half a minute allows', () => {
    const { simulation, authority } = setUp();
    authority.isDown = true;
    simulation.runUntil(12 * HOUR + 20 * MINUTE);
    let asked = 0;
    const sign = authority.sign.bind(authority);
    authority.sign = (...given) => {
      asked += 1;
      return sign(...given);
    };
    simulation.runUntil(simulation.now + 10 * MINUTE);
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(100);
  });

  it('lets a new proxy wait for its certificate, not for the rest', () => {
    const { simulation, authority, istiod, network, clients, world } = setUp();
    authority.isDown = true;
    istiod.stop();
    const { sink } = clients[0]!;
    const before = sink.applied.length;
    const again = new Istiod(network.namespaceAt('10.0.0.2')!, world, authority);
    again.start();
    simulation.runUntil(20 * SECOND);
    expect(sink.applied.slice(before)).toEqual([
      'CDS a,b',
      'EDS a,b',
      'LDS virtualInbound',
      'SDS ROOTCA',
    ]);
    authority.isDown = false;
    simulation.runUntil(simulation.now + 31 * SECOND);
    expect(sink.applied.at(-1)).toBe('SDS default');
  });
});
