import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../src/kube/objects/service.ts';
import { ClusterDns, type DnsZone } from '../../src/mesh/cluster-dns.ts';
import { translate, type ServiceTable } from '../../src/mesh/kube-proxy.ts';
import { natRulesOf } from '../../src/mesh/pod/istio-iptables.ts';
import { RandomStream } from '../../src/sim/random.ts';

function service(name: string, namespace: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

const endpoint = (ip: string, ready = true, hostname?: string) => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname !== undefined && { hostname }),
});

function slice(endpoints: EndpointSlice['endpoints'], ports: EndpointSlice['ports'] = []) {
  const metadata = { name: 'slice' };
  const type = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' } as const;
  return { ...type, metadata, addressType: 'IPv4', endpoints, ports } as EndpointSlice;
}

const HTTP = { name: 'http', port: 80 };
const SERVICES = [
  service('web', 'default', { clusterIP: '10.96.0.1', ports: [HTTP, { name: 'admin', port: 81 }] }),
  service('web', 'shop', { clusterIP: '10.96.0.2', ports: [HTTP] }),
  service('db', 'default', { clusterIP: 'None' }),
  service('bank', 'default', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  service('loop', 'default', { type: 'ExternalName', externalName: 'loop.default' }),
];
const SLICES: Readonly<Record<string, EndpointSlice[]>> = {
  'default/web': [
    slice([endpoint('10.1.0.1'), endpoint('10.1.0.2', false)], [{ name: 'http', port: 8080 }]),
  ],
  'default/db': [
    slice([
      endpoint('10.1.0.5', true, 'db-0'),
      endpoint('10.1.0.6', true, 'db-1'),
      endpoint('10.1.0.7', false, 'db-2'),
    ]),
  ],
};
const ZONE: DnsZone & ServiceTable = {
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
  serviceAt: (ip) => SERVICES.find(({ spec }) => spec.clusterIP === ip),
  endpointSlices: (namespace, name) => SLICES[`${namespace}/${name}`] ?? [],
  outside: (host) => (host === 'api.example.com' ? ['203.0.113.1', '203.0.113.2'] : []),
};

describe('cluster DNS', () => {
  const dns = new ClusterDns(ZONE);

  it.each([
    ['web', 'default', '10.96.0.1'],
    ['web', 'shop', '10.96.0.2'],
    ['web.shop', 'default', '10.96.0.2'],
    ['web.shop.svc', 'default', '10.96.0.2'],
    ['WEB.shop.svc.cluster.local.', 'default', '10.96.0.2'],
    ['10.1.2.3', 'default', '10.1.2.3'],
    ['nobody', 'default', undefined],
    ['web.nowhere', 'default', undefined],
    ['web.shop.svc.other.local', 'default', undefined],
    ['example.org', 'default', undefined],
  ])('answers %s, asked from %s, with %s', (host, namespace, wanted) => {
    expect(dns.resolve(host, namespace)).toBe(wanted);
  });

  it('gives a headless name its ready pods in turn', () => {
    const found = [1, 2, 3].map(() => dns.resolve('db', 'default'));
    expect(new Set(found)).toEqual(new Set(['10.1.0.5', '10.1.0.6']));
    expect(found[0]).toBe(found[2]);
  });

  it('knows the pods of a headless service by name, ready ones and others', () => {
    expect(dns.resolve('db-1.db', 'default')).toBe('10.1.0.6');
    expect(dns.resolve('db-1.db.default.svc.cluster.local', 'shop')).toBe('10.1.0.6');
    expect(dns.resolve('db-9.db', 'default')).toBeUndefined();
  });

  it('follows an ExternalName, but not in a circle', () => {
    expect(dns.resolve('bank', 'default')).toBe('10.96.0.2');
    expect(dns.resolve('loop', 'default')).toBeUndefined();
  });

  it('gives the addresses of a machine outside in turn', () => {
    const [one, other, again] = [1, 2, 3].map(() => dns.resolve('api.example.com', 'default'));
    expect([one, other, again]).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.1']);
  });
});

describe('kube-proxy', () => {
  const random = new RandomStream(1, 'test');
  const to = (ip: string, port: number) => translate({ ip, port }, ZONE, random);

  it('takes a connection to a ready endpoint, at its own port', () => {
    for (let times = 0; times < 20; times++)
      expect(to('10.96.0.1', 80)).toEqual({ ip: '10.1.0.1', port: 8080 });
  });

  it('refuses a service without endpoints, and a port it does not have', () => {
    expect(to('10.96.0.2', 80)).toBe('refused');
    expect(to('10.96.0.1', 81)).toBe('refused');
    expect(to('10.96.0.1', 9999)).toBe('refused');
  });

  it('leaves other addresses alone', () => {
    expect(to('10.1.0.1', 8080)).toBeUndefined();
  });
});

describe("istio-init's rules", () => {
  const rules = (annotations: Record<string, string> = {}) =>
    natRulesOf(
      Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [
          `traffic.sidecar.istio.io/${name}`,
          value,
        ]),
      ),
    );
  const out = (given: Record<string, string>, ip: string, port = 80) =>
    rules(given).redirectOutbound({ ip, port });
  const into = (given: Record<string, string>, port: number) =>
    rules(given).redirectInbound({ ip: '10.1.0.1', port }, { ip: '10.1.0.2', port: 40_000 });

  it('redirect everything by default, but not loopback and the proxy’s own ports', () => {
    expect(out({}, '10.96.0.1')).toBe(15001);
    expect(out({}, '127.0.0.1')).toBeUndefined();
    expect(into({}, 8080)).toBe(15006);
    for (const port of [15008, 15020, 15021, 15090]) expect(into({}, port)).toBeUndefined();
  });

  it('leave out ports and ranges that are excluded', () => {
    expect(out({ excludeOutboundPorts: '3306, 5432' }, '10.1.0.1', 5432)).toBeUndefined();
    expect(out({ excludeOutboundPorts: '3306' }, '10.1.0.1', 5432)).toBe(15001);
    expect(out({ excludeOutboundIPRanges: '10.1.0.0/16' }, '10.1.255.9')).toBeUndefined();
    expect(out({ excludeOutboundIPRanges: '10.1.0.0/16' }, '10.2.0.1')).toBe(15001);
    expect(into({ excludeInboundPorts: '9000' }, 9000)).toBeUndefined();
  });

  it('take only ranges and ports that are included', () => {
    const include = { includeOutboundIPRanges: '10.96.0.0/12,192.168.1.7/32' };
    expect(out(include, '10.111.255.255')).toBe(15001);
    expect(out(include, '10.112.0.0')).toBeUndefined();
    expect(out(include, '192.168.1.7')).toBe(15001);
    expect(out({ includeOutboundIPRanges: '' }, '10.96.0.1')).toBeUndefined();
    expect(out({ includeOutboundIPRanges: '', includeOutboundPorts: '443' }, '1.2.3.4', 443)).toBe(
      15001,
    );
    expect(out({ includeOutboundIPRanges: '0.0.0.0/0' }, '203.0.113.9')).toBe(15001);
    expect(into({ includeInboundPorts: '8080' }, 8080)).toBe(15006);
    expect(into({ includeInboundPorts: '8080' }, 9090)).toBeUndefined();
    expect(into({ includeInboundPorts: '' }, 8080)).toBeUndefined();
  });

  it('bring a sidecar that calls its own pod back by the inbound side', () => {
    const { redirectLocal } = rules();
    const to = { ip: '10.1.0.1', port: 8080 };
    expect(redirectLocal?.(to, '10.1.0.1', 'proxy')).toBe(15006);
    expect(redirectLocal?.(to, '127.0.0.6', 'proxy')).toBeUndefined();
    expect(redirectLocal?.(to, '10.1.0.1', 'application')).toBeUndefined();
  });
});
