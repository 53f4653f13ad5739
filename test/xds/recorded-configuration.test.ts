import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/ca/certificate-authority.ts';
import { Istiod } from '../../src/control-plane/discovery/istiod.ts';
import type { ProxyStatus } from '../../src/control-plane/discovery/proxy-status.ts';
import { Proxy } from '../../src/proxy/proxy.ts';
import { Network } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { EPOCH_MS, SECOND } from '../../src/sim/time.ts';
import { AdsClient } from '../../src/xds/ads-client.ts';
import { resourceName, type Resource } from '../../src/xds/resources/resource.ts';
import type { XdsType } from '../../src/xds/type-url.ts';
import { sharedFolder } from '../support/shared-data.ts';

const recorded = sharedFolder('oracle/istiod');

const LISTS = { CDS: 'clusters', EDS: 'endpoints', LDS: 'listeners', RDS: 'routes' } as const;
type Lists = Record<(typeof LISTS)[keyof typeof LISTS], Resource[]>;
type RecordedType = keyof typeof LISTS;

/** What a proxy of one case says to what istiod sent it. */
function statusOf(id: string, type: string, ip: string, lists: Lists): ProxyStatus {
  const simulation = new Simulation(1);
  const network = new Network(simulation);
  const generator = {
    rebuild: () => lists,
    generate: (xdsType: XdsType, _proxy: object, names: readonly string[]) => {
      if (xdsType === 'SDS') return [];
      const all = lists[LISTS[xdsType]] ?? [];
      return names.length === 0 ? all : all.filter((one) => names.includes(resourceName(one)));
    },
  };
  const authority = new CertificateAuthority(simulation.random('ca'), {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS,
  });
  const istiod = new Istiod(
    network.attach({ name: 'istiod', ips: ['10.0.0.2'] }),
    generator,
    authority,
  );
  istiod.start();
  const namespace = network.attach({ name: id, ips: [ip] });
  const proxy = new Proxy({
    simulation,
    namespace,
    node: { id, cluster: 'test' },
    seedName: id,
    observer: { onStreamComplete: () => undefined },
  });
  const client = new AdsClient(namespace, proxy.sink, {
    node: { id: `${type}~${ip}~${id}~default.svc.cluster.local` },
    resolve: () => ({ ip: '10.0.0.2', port: 15012 }),
  });
  proxy.onSubscriptionsChanged = () => client.subscriptionsChanged();
  client.start();
  simulation.runUntil(10 * SECOND);
  return istiod.proxyStatus()[0]!;
}

/**
 * EnvoyFilters can ask for what a proxy refuses: a filter that is not modelled (it says so, as Envoy
 * would), or one behind the router.
 */
const RIGHTLY_REFUSED = /Didn't find a registered implementation for|must be the last filter/;

describe.skipIf(!recorded)('a configuration that istiod was recorded to send', () => {
  const cases = recorded ? fs.readdirSync(recorded) : [];
  const read = (name: string, file: string): unknown => {
    const found = path.join(recorded!, name, file);
    return fs.existsSync(found) ? JSON.parse(fs.readFileSync(found, 'utf8')) : {};
  };

  it('is acknowledged by a proxy, type by type', () => {
    const refused: string[] = [];
    for (const name of cases) {
      const answer = read(name, 'answer.json') as { proxies?: Record<string, Lists> };
      const spec = read(name, 'case.json') as {
        proxies?: { pod: string; type: string; ip: string }[];
      };
      for (const { pod, type, ip } of spec.proxies ?? []) {
        const lists = answer.proxies?.[pod];
        if (!lists) continue;
        const { types } = statusOf(pod, type, ip, lists);
        for (const xdsType of Object.keys(LISTS) as RecordedType[]) {
          const { state, error } = types[xdsType];
          const isEmpty = (lists[LISTS[xdsType]] ?? []).length === 0;
          if (state === 'nacked' && !RIGHTLY_REFUSED.test(error))
            refused.push(`${name}/${pod} ${xdsType}: ${error}`);
          else if (state === 'stale') refused.push(`${name}/${pod} ${xdsType}: not answered`);
          else if (state === 'not-sent' && !isEmpty && types.LDS.state === 'synced')
            refused.push(`${name}/${pod} ${xdsType}: not asked for`);
        }
      }
    }
    expect(refused).toEqual([]);
  });
});
