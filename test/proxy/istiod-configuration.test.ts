import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Network } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { Proxy } from '../../src/proxy/proxy.ts';
import { sharedFolder } from '../support/shared-data.ts';

interface Resources {
  readonly listeners?: readonly object[];
  readonly routes?: readonly object[];
  readonly clusters?: readonly object[];
  readonly endpoints?: readonly object[];
}

/** EnvoyFilters that break a listener on purpose: Envoy refuses them, too. */
const BROKEN = ['ef-http-filter-insert', 'ef-invalid-value'];

function newProxy(): Proxy {
  const simulation = new Simulation(1);
  const namespace = new Network(simulation).attach({ name: 'pod', ips: ['10.0.0.1'] });
  return new Proxy({
    simulation,
    namespace,
    node: { id: 'pod.default', cluster: 'pod.default' },
    seedName: 'pod.default',
    observer: { onStreamComplete: () => undefined },
  });
}

test('every configuration that istiod sends is accepted', () => {
  const folder = sharedFolder('oracle/istiod');
  if (!folder) return;
  const problems: string[] = [];
  let proxies = 0;
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name, 'answer.json');
    if (!fs.existsSync(file)) continue;
    const answer = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      proxies?: Record<string, Resources>;
    };
    for (const [pod, resources] of Object.entries(answer.proxies ?? {})) {
      proxies += 1;
      const { sink } = newProxy();
      const errors = [
        sink.apply('CDS', resources.clusters ?? []),
        sink.apply('EDS', resources.endpoints ?? []),
        sink.apply('LDS', resources.listeners ?? []),
        sink.apply('RDS', resources.routes ?? []),
      ].filter((error) => error !== undefined && !BROKEN.includes(name));
      for (const error of errors) problems.push(`${name} ${pod}: ${error!.slice(0, 200)}`);
    }
  }
  expect(problems.slice(0, 20)).toEqual([]);
  expect(proxies).toBeGreaterThan(100);
});
