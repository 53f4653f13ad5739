import { beforeEach, describe, expect, test } from 'vitest';
import {
  adminResponse,
  type AdminFacts,
  type AdminResponse,
} from '../../../src/proxy/admin/admin.ts';
import { Proxy } from '../../../src/proxy/proxy.ts';
import { Network } from '../../../src/sim/network/network.ts';
import { Simulation } from '../../../src/sim/simulation.ts';
import { SECOND } from '../../../src/sim/time.ts';

const TYPE = 'type.googleapis.com/envoy.extensions.filters';
const HTTP_MANAGER = `${TYPE}.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = { '@type': `${TYPE}.http.router.v3.Router` };

const socket = (address: string, port: number) => ({
  socket_address: { address, port_value: port },
});

function listener(name: string, port: number, routes: object) {
  const typed_config = {
    '@type': HTTP_MANAGER,
    stat_prefix: name,
    ...routes,
    http_filters: [{ name: 'envoy.filters.http.router', typed_config: ROUTER }],
  };
  const filter = { name: 'envoy.filters.network.http_connection_manager', typed_config };
  return { name, address: socket('10.0.0.1', port), filter_chains: [{ filters: [filter] }] };
}

const table = (name: string) => ({
  name,
  virtual_hosts: [
    {
      name: 'v',
      domains: ['*'],
      routes: [{ match: { prefix: '/' }, route: { cluster: 'one' } }],
    },
  ],
});

const EDS = { name: 'dyn', type: 'EDS', eds_cluster_config: { service_name: 'abc' } };
const ONE = {
  name: 'one',
  outlier_detection: {},
  load_assignment: {
    cluster_name: 'one',
    endpoints: [
      {
        locality: { zone: 'z' },
        lb_endpoints: [{ endpoint: { address: socket('10.0.0.9', 80), hostname: 'nine' } }],
      },
    ],
  },
};

class Machine {
  readonly simulation = new Simulation(1);
  readonly network = new Network(this.simulation);
  readonly proxy = new Proxy({
    simulation: this.simulation,
    namespace: this.network.attach({ name: 'p', ips: ['10.0.0.1'] }),
    node: { id: 'p.ns', cluster: 'c' },
    seedName: 'p',
    observer: { onStreamComplete: () => undefined },
  });
  readonly secrets = [
    {
      name: 'default',
      tls_certificate: {
        certificate_chain: { inline_bytes: 'Y2hhaW4=' },
        private_key: { inline_bytes: 'c2VjcmV0' },
      },
    },
  ];
  readonly facts: AdminFacts = {
    state: 'LIVE',
    startedUs: 0,
    node: { id: 'sidecar~10.0.0.1~p.ns~ns.svc.cluster.local' },
    bootstrap: {},
    version: (type) => `${type}-1`,
    updatedUs: () => 2 * SECOND,
    secrets: this.secrets,
  };

  constructor() {
    expect(
      this.proxy.loadBootstrap({
        static_resources: {
          clusters: [ONE],
          listeners: [listener('l1', 8080, { route_config: table('inline') })],
        },
      }),
    ).toBeUndefined();
    const { sink } = this.proxy;
    sink.apply('CDS', [EDS, { ...EDS, name: 'cold', eds_cluster_config: { service_name: 'no' } }]);
    sink.apply('EDS', [
      {
        cluster_name: 'abc',
        endpoints: [
          {
            lb_endpoints: [
              { health_status: 'DRAINING', endpoint: { address: socket('10.0.0.8', 80) } },
            ],
          },
        ],
      },
    ]);
    sink.apply('LDS', [
      listener('dl', 8081, { rds: { route_config_name: 'r1' } }),
      listener('waits', 8082, { rds: { route_config_name: 'r2' } }),
    ]);
    sink.apply('RDS', [table('r1')]);
  }

  get(target: string, method: 'GET' | 'POST' = 'GET'): AdminResponse {
    return adminResponse(this.proxy, target, this.facts, method);
  }

  json(target: string) {
    const { contentType, body } = this.get(target);
    expect(contentType).toBe('application/json');
    return JSON.parse(body);
  }
}

let machine: Machine;
beforeEach(() => (machine = new Machine()));

describe('the admin of a proxy', () => {
  test('an unknown path is answered with the list of commands', () => {
    const { status, body } = machine.get('/nope');
    expect(status).toBe(404);
    expect(body.startsWith('invalid path. admin commands are:\n  /: Admin home page\n')).toBe(true);
    expect(machine.get('/help').body).toBe(body.replace('invalid path. ', ''));
  });

  test.each(['/reset_counters', '/drain_listeners', '/quitquitquit', '/healthcheck/fail'])(
    '%s wants POST',
    (path) => {
      expect(machine.get(path)).toMatchObject({
        status: 405,
        body: 'Method GET not allowed, POST required.',
      });
    },
  );

  test('POST /reset_counters makes counters 0 and leaves gauges', () => {
    expect(machine.get('/stats?filter=cds.update_success').body).toContain(': 1');
    expect(machine.get('/reset_counters', 'POST').body).toBe('OK\n');
    expect(machine.get('/stats?filter=cds.update_success').body).toContain(': 0');
    expect(machine.get('/stats?filter=active_clusters').body).toContain(': 2');
  });

  test('POST /drain_listeners stops them', () => {
    machine.get('/drain_listeners', 'POST');
    const client = machine.network.attach({ name: 'q', ips: ['10.0.0.2'] });
    const heard: string[] = [];
    client.connect(
      { ip: '10.0.0.1', port: 8080 },
      {
        onConnected: () => heard.push('connected'),
        onConnectFailed: () => heard.push('refused'),
        onMessage: () => undefined,
        onClosed: () => undefined,
      },
    );
    machine.simulation.runUntil(SECOND);
    expect(heard).toEqual(['refused']);
  });

  test('a profiler is not pretended', () => {
    expect(machine.get('/contention').status).toBe(501);
  });

  test('/ready says LIVE, and 503 until then', () => {
    expect(machine.get('/ready')).toMatchObject({ status: 200, body: 'LIVE\n' });
    const facts = { ...machine.facts, state: 'INITIALIZING' } as const;
    expect(adminResponse(machine.proxy, '/ready', facts)).toMatchObject({
      status: 503,
      body: 'INITIALIZING\n',
    });
  });

  test('/server_info counts from the start', () => {
    machine.simulation.runUntil(90 * SECOND);
    const info = machine.json('/server_info');
    expect([info.state, info.uptime_current_epoch, info.node.id]).toEqual([
      'LIVE',
      '90s',
      'sidecar~10.0.0.1~p.ns~ns.svc.cluster.local',
    ]);
  });

  test('/listeners shows those that serve', () => {
    expect(machine.get('/listeners').body).toBe('l1::10.0.0.1:8080\ndl::10.0.0.1:8081\n');
    expect(machine.json('/listeners?format=json').listener_statuses[1]).toEqual({
      name: 'dl',
      local_address: { socket_address: { address: '10.0.0.1', port_value: 8081 } },
    });
  });
});

describe('/clusters', () => {
  test('is a line for each fact', () => {
    const { body, contentType } = machine.get('/clusters?filter=^d');
    expect(contentType).toBe('text/plain; charset=UTF-8');
    expect(body.split('\n').slice(0, 2)).toEqual([
      'dyn::observability_name::dyn',
      'dyn::outlier::success_rate_average::-1',
    ]);
    expect(body).toContain('dyn::added_via_api::true\ndyn::eds_service_name::abc\n');
    expect(body).toContain('dyn::10.0.0.8:80::health_flags::/eds_status_draining\n');
    expect(body).not.toMatch(/^one::/m);
  });

  test('as JSON leaves out what has its default', () => {
    const [dynamic, one] = machine.json('/clusters?format=json').cluster_statuses;
    expect(Object.keys(one)).toEqual([
      'name',
      'host_statuses',
      'circuit_breakers',
      'observability_name',
    ]);
    expect(one.host_statuses[0]).toEqual({
      address: { socket_address: { address: '10.0.0.9', port_value: 80 } },
      stats: [
        ...['cx_connect_fail', 'cx_total', 'rq_error', 'rq_success', 'rq_timeout', 'rq_total'].map(
          (name) => ({ name }),
        ),
        { type: 'GAUGE', name: 'cx_active' },
        { type: 'GAUGE', name: 'rq_active' },
      ],
      health_status: { eds_health_status: 'HEALTHY' },
      weight: 1,
      hostname: 'nine',
      locality: { zone: 'z' },
    });
    expect(dynamic.host_statuses[0].health_status).toEqual({ eds_health_status: 'DRAINING' });
    expect(dynamic.added_via_api).toBe(true);
  });

  test('a filter that is no regular expression is refused', () => {
    expect(machine.get('/clusters?filter=(')).toMatchObject({
      status: 400,
      body: 'Invalid re2 regex: missing ): (',
    });
  });
});

describe('/config_dump', () => {
  test('has its sections in order', () => {
    const { configs } = machine.json('/config_dump');
    expect(
      configs.map((section: { '@type': string }) => section['@type'].split('.').at(-1)),
    ).toEqual([
      'BootstrapConfigDump',
      'ClustersConfigDump',
      'ListenersConfigDump',
      'ScopedRoutesConfigDump',
      'RoutesConfigDump',
      'SecretsConfigDump',
    ]);
  });

  test('tells what is active from what is warming', () => {
    const [, clusters, listeners, , routes] = machine.json('/config_dump').configs;
    const names = (list: { cluster: { name: string } }[]) => list.map((one) => one.cluster.name);
    expect(names(clusters.static_clusters)).toEqual(['one']);
    expect(names(clusters.dynamic_active_clusters)).toEqual(['dyn']);
    expect(names(clusters.dynamic_warming_clusters)).toEqual(['cold']);
    expect(clusters.dynamic_active_clusters[0]).toMatchObject({
      version_info: 'CDS-1',
      cluster: { '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster' },
      last_updated: '2026-01-01T00:00:02.000Z',
    });
    const [active, warming] = listeners.dynamic_listeners;
    expect([active.name, Object.keys(active)[1]]).toEqual(['dl', 'active_state']);
    expect([warming.name, Object.keys(warming)[1]]).toEqual(['waits', 'warming_state']);
    expect(routes.static_route_configs[0].route_config.name).toBe('inline');
    expect(routes.dynamic_route_configs[0]).toMatchObject({
      version_info: 'RDS-1',
      route_config: { name: 'r1' },
    });
  });

  test('shows certificates, not keys', () => {
    const [, , , , , { dynamic_active_secrets: secrets }] = machine.json('/config_dump').configs;
    expect(secrets[0].secret.tls_certificate).toEqual({
      certificate_chain: { inline_bytes: 'Y2hhaW4=' },
      // "[redacted]" in base64.
      private_key: { inline_bytes: 'W3JlZGFjdGVkXQ==' },
    });
    expect(machine.get('/config_dump').body).not.toContain('c2VjcmV0');
  });

  test('includes endpoints when asked', () => {
    const { configs } = machine.json('/config_dump?include_eds&resource=dynamic_endpoint_configs');
    expect(configs[1].endpoint_config).toMatchObject({
      cluster_name: 'abc',
      endpoints: [{ lb_endpoints: [{ health_status: 'UNHEALTHY', load_balancing_weight: 1 }] }],
    });
  });

  test('gives one field, or some names, of it', () => {
    const { configs } = machine.json('/config_dump?resource=static_clusters');
    expect(configs.map((one: { '@type': string }) => one['@type'])).toEqual([
      'type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster',
    ]);
    expect(machine.json('/config_dump?resource=static_clusters&name_regex=x.*')).toEqual({});
    expect(machine.get('/config_dump?resource=nope')).toEqual({
      status: 404,
      contentType: 'text/plain',
      body: 'nope not found in config dump',
    });
    expect(machine.get('/config_dump?resource=bootstrap').body).toBe(
      'bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field',
    );
  });
});

describe('/stats', () => {
  test('can be narrowed by name, use and type', () => {
    const lines = (target: string) => machine.get(target).body.trimEnd().split('\n');
    expect(lines('/stats?filter=^cluster_manager.*clusters$')).toEqual([
      'cluster_manager.active_clusters: 2',
      'cluster_manager.warming_clusters: 1',
    ]);
    expect(lines('/stats?filter=cluster_manager&type=Gauges')).toHaveLength(2);
    expect(lines('/stats?usedonly').length).toBeLessThan(lines('/stats').length);
    expect(lines('/stats?filter=.&invert_filter')).toEqual(['']);
    expect(machine.get('/stats?type=X')).toMatchObject({
      status: 400,
      body: 'invalid &type= param',
    });
    expect(machine.get('/stats?format=bad').status).toBe(400);
  });

  test('speaks JSON and Prometheus', () => {
    const { stats } = machine.json('/stats?format=json&filter=active_clusters|rq_time$');
    expect(stats[0]).toEqual({ name: 'cluster_manager.active_clusters', value: 2 });
    const expected =
      '# TYPE envoy_cluster_manager_active_clusters gauge\n' +
      'envoy_cluster_manager_active_clusters{} 2\n';
    for (const page of ['/stats/prometheus?', '/stats?format=prometheus&'])
      expect(machine.get(`${page}filter=active_clusters`).body).toBe(expected);
  });
});
