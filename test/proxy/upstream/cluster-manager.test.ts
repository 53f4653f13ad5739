import { describe, expect, it } from 'vitest';
import { assignment, Bench } from './bench.ts';

const EDS = {
  name: 'c',
  type: 'EDS',
  eds_cluster_config: { eds_config: { ads: {}, initial_fetch_timeout: '0s' }, service_name: 's' },
};

describe('the cluster manager', () => {
  it('keeps an EDS cluster back until its assignment comes', () => {
    const bench = new Bench();
    bench.start(2);
    expect(bench.clusters.setClusters([EDS])).toBeUndefined();
    expect(bench.clusters.edsNames()).toEqual(['s']);
    expect(bench.clusters.cluster('c')).toBeUndefined();
    expect(bench.stat('cluster_manager.warming_clusters')).toBe(1);
    bench.clusters.setEndpoints([assignment('s', 2)]);
    expect(bench.call('c').status).toBe(200);
    expect(bench.stat('cluster.c.membership_healthy')).toBe(2);
  });

  it('waits for an assignment no longer than initial_fetch_timeout', () => {
    const bench = new Bench();
    const eds = { eds_config: { ads: {}, initial_fetch_timeout: '3s' } };
    bench.clusters.setClusters([{ ...EDS, eds_cluster_config: eds }]);
    bench.run(3000);
    expect(bench.send('c').pending).toBe('no-healthy-upstream');
    expect(bench.stat('cluster.c.upstream_cx_none_healthy')).toBe(1);
  });

  it('keeps the connections of a cluster that an update leaves as it is', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    bench.clusters.setClusters([EDS]);
    bench.clusters.setEndpoints([assignment('s', 1)]);
    bench.call('c');
    bench.clusters.setClusters([structuredClone(EDS)]);
    bench.clusters.setEndpoints([assignment('s', 1)]);
    bench.call('c');
    expect(backend!.connections).toBe(1);
  });

  it('lets a changed cluster serve as before until the new version is warm', () => {
    const bench = new Bench();
    bench.start(1);
    bench.clusters.setClusters([EDS]);
    bench.clusters.setEndpoints([assignment('s', 1)]);
    const other = { ...EDS, eds_cluster_config: { ...EDS.eds_cluster_config, service_name: 't' } };
    bench.clusters.setClusters([other]);
    expect(bench.call('c').status).toBe(200);
    bench.clusters.setEndpoints([assignment('t', 0)]);
    expect(bench.send('c').pending).toBe('no-healthy-upstream');
  });

  it('removes clusters that an update does not name, except static ones', () => {
    const bench = new Bench();
    const fixed = { name: 'fixed', load_assignment: assignment('fixed', 1) };
    bench.clusters.addStaticClusters([fixed]);
    bench.clusters.setClusters([EDS]);
    bench.clusters.setClusters([]);
    expect(bench.clusters.names()).toEqual(['fixed']);
    expect(bench.stat('cluster_manager.cluster_removed')).toBe(1);
  });

  it('refuses a whole update for one bad cluster', () => {
    const bench = new Bench();
    const error = bench.clusters.setClusters([EDS, { name: 'x', type: 'NONSENSE' }]);
    expect(error).toContain('Error adding/updating cluster(s) x: ');
    expect(bench.clusters.names()).toEqual([]);
  });

  it('closes idle connections of a host that leaves and lets running requests end', () => {
    const bench = new Bench();
    const [first] = bench.start(2);
    first!.answer = () => ({ status: 200, delayMs: 50 });
    bench.clusters.setClusters([EDS]);
    bench.clusters.setEndpoints([assignment('s', 1)]);
    const attempt = bench.send('c');
    bench.run(10);
    bench.clusters.setEndpoints([assignment('s', 0)]);
    bench.run(100);
    expect(attempt.status).toBe(200);
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(0);
  });
});

describe('clusters that nobody uses', () => {
  it('cost no statistics, but their secrets are asked for', () => {
    const bench = new Bench();
    bench.start(1);
    const transport_socket = {
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        common_tls_context: { tls_certificate_sds_secret_configs: [{ name: 'default' }] },
      },
    };
    bench.clusters.setClusters([
      EDS,
      { ...EDS, name: 'd', transport_socket },
      { ...EDS, name: 'e', eds_cluster_config: { eds_config: { ads: {} } } },
    ]);
    bench.clusters.setEndpoints([assignment('s', 1), assignment('e', 1)]);
    expect(bench.stat('cluster_manager.active_clusters')).toBe(3);
    expect(bench.clusters.secretNames()).toEqual(['default']);
    expect(bench.stat('cluster.c.membership_total')).toBeUndefined();
    expect(bench.call('c').status).toBe(200);
    expect(bench.stat('cluster.c.membership_total')).toBe(1);
    bench.clusters.setClusters([EDS]);
    expect(bench.clusters.secretNames()).toEqual([]);
    expect(bench.clusters.edsNames()).toEqual(['s']);
    expect(bench.stat('cluster_manager.active_clusters')).toBe(1);
  });

  it('keep the assignment that a changed version of them is given', () => {
    const bench = new Bench();
    bench.start(2);
    bench.clusters.setClusters([EDS]);
    bench.clusters.setEndpoints([assignment('s', 1)]);
    bench.clusters.setClusters([{ ...EDS, connect_timeout: '2s' }]);
    expect(bench.call('c').host).toBe('10.0.1.1:80');
    expect(bench.stat('cluster_manager.cluster_modified')).toBe(1);
    expect(bench.stat('cluster_manager.warming_clusters')).toBe(0);
  });
});
