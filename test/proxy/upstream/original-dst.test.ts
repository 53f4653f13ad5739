import { describe, expect, it } from 'vitest';
import { HeaderMap } from '../../../src/proxy/http/header-map.ts';
import type { ConnectionEnd } from '../../../src/sim/network/connection.ts';
import { Bench } from './bench.ts';

const CLUSTER = {
  name: 'PassthroughCluster',
  type: 'ORIGINAL_DST',
  lb_policy: 'CLUSTER_PROVIDED',
};

function goingTo(ip: string, port: number) {
  const local = { ip: '10.0.0.1', port: 15001 };
  return { downstreamConnection: { local, originalDestination: { ip, port } } as ConnectionEnd };
}

describe('an ORIGINAL_DST cluster', () => {
  it('sends a request where its client wanted to go', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([CLUSTER]);
    expect(bench.call('PassthroughCluster', goingTo('10.0.1.2', 80)).host).toBe('10.0.1.2:80');
    expect(bench.stat('cluster.PassthroughCluster.membership_total')).toBe(1);
  });

  it('uses the source address of its bind configuration', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([
      {
        ...CLUSTER,
        upstream_bind_config: { source_address: { address: '127.0.0.6', port_value: 0 } },
      },
    ]);
    const attempt = bench.call('PassthroughCluster', goingTo('10.0.1.1', 80));
    expect(attempt.info?.localAddress).toMatch(/^127\.0\.0\.6:/);
  });

  it('obeys the header only when it is told to', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([
      { ...CLUSTER, name: 'header', original_dst_lb_config: { use_http_header: true } },
      CLUSTER,
    ]);
    const context = {
      ...goingTo('10.0.1.1', 80),
      requestHeaders: HeaderMap.of([['x-envoy-original-dst-host', '10.0.1.2:80']]),
    };
    expect(bench.call('header', context).host).toBe('10.0.1.2:80');
    expect(bench.call('PassthroughCluster', context).host).toBe('10.0.1.1:80');
    const bad = { requestHeaders: HeaderMap.of([['x-envoy-original-dst-host', 'nowhere']]) };
    expect(bench.send('header', bad).pending).toBe('no-healthy-upstream');
    expect(bench.stat('cluster.header.original_dst_host_invalid')).toBe(1);
  });

  it('forgets a host that nothing uses any more', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    backend!.answer = () => ({ status: 200, headers: [['connection', 'close']] });
    bench.clusters.setClusters([CLUSTER]);
    bench.call('PassthroughCluster', goingTo('10.0.1.1', 80));
    bench.run(6000);
    expect(bench.stat('cluster.PassthroughCluster.membership_total')).toBe(0);
  });
});
