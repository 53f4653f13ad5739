import { describe, expect, it } from 'vitest';
import { Istiod } from '../../../src/control-plane/discovery/istiod.ts';
import { printProxyNode, type ProxyNode } from '../../../src/control-plane/discovery/proxy-node.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { AdsClient } from '../../../src/xds/ads-client.ts';
import { proxyNode, setUp, Sink } from './bench.ts';

/** Which istiod serves a proxy: that of revision default, or that of canary. */
function served(by: string, of: Partial<ProxyNode>): number {
  const { simulation, network, world, authority } = setUp(0);
  const pod = network.attach({ name: 'istiod-canary.istio-system', ips: ['10.0.0.3'] });
  const canary = new Istiod(pod, world, authority, { revision: 'canary' });
  canary.start();
  const sink = new Sink();
  const client = new AdsClient(network.attach({ name: 'p.shop', ips: ['10.0.1.9'] }), sink, {
    node: printProxyNode({ ...proxyNode('p', '10.0.1.9'), ...of }),
    resolve: () => ({ ip: by, port: 15012 }),
  });
  client.start();
  simulation.runUntil(2 * SECOND);
  return sink.applied.length;
}

const DEFAULT = '10.0.0.2';
const CANARY = '10.0.0.3';

describe('an istiod of a revision', () => {
  it.each<[string, Partial<ProxyNode>, boolean, boolean]>([
    ['without a label', {}, true, false],
    ['labelled default', { labels: { 'istio.io/rev': 'default' } }, true, false],
    ['labelled canary', { labels: { 'istio.io/rev': 'canary' } }, false, true],
    ['whose metadata says canary', { metadata: { ISTIO_REVISION: 'canary' } }, false, true],
  ])('serves a proxy %s', (_name, of, byDefault, byCanary) => {
    expect([served(DEFAULT, of) > 0, served(CANARY, of) > 0]).toEqual([byDefault, byCanary]);
  });
});
