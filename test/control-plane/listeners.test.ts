import { describe, expect, it } from 'vitest';
import type { Listener } from '../../src/xds/resources/listener.ts';
import { sent } from './world.ts';

const peerAuthentication = (spec: string, name = 'default', namespace = 'default') => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-01T00:00:00Z'}
spec: ${spec}
---
`;

/** "tls", "raw_buffer": what the chains of b's port take. */
function transportsOfB(config: string): (string | undefined)[] {
  const inbound = sent(config, 'b').listeners.find(({ name }) => name === 'virtualInbound');
  return (inbound?.filter_chains ?? [])
    .filter(({ filter_chain_match: match }) => match?.destination_port === 8080)
    .map(({ filter_chain_match: match }) => match?.transport_protocol);
}

describe('mutual TLS of an inbound port', () => {
  it.each([
    ['nothing said', '', ['tls', 'raw_buffer']],
    ['STRICT', peerAuthentication('{mtls: {mode: STRICT}}'), ['tls']],
    ['DISABLE', peerAuthentication('{mtls: {mode: DISABLE}}'), ['raw_buffer']],
    [
      'workload over namespace',
      peerAuthentication('{mtls: {mode: STRICT}}') +
        peerAuthentication('{selector: {matchLabels: {app: b}}, mtls: {mode: DISABLE}}', 'b'),
      ['raw_buffer'],
    ],
    [
      'port over workload',
      peerAuthentication(
        '{selector: {matchLabels: {app: b}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}',
      ),
      ['raw_buffer'],
    ],
    [
      'unset inherits from the mesh',
      peerAuthentication('{mtls: {mode: STRICT}}', 'default', 'istio-system') +
        peerAuthentication('{mtls: {}}'),
      ['tls'],
    ],
  ])('%s', (_case, config, transports) => {
    expect(transportsOfB(config)).toEqual(transports);
  });
});

describe('outbound listeners', () => {
  const names = (config: string) => sent(config).listeners.map(({ name }) => name);

  it('of HTTP share the wildcard address', () => {
    expect(names('')).toEqual(['0.0.0.0_80', 'virtualInbound', 'virtualOutbound']);
  });

  it('of TCP bind the service’s own address', () => {
    const tcp = `
apiVersion: v1
kind: Service
metadata: {name: db, namespace: default}
spec: {clusterIP: 10.96.0.9, ports: [{name: tcp, port: 5432}]}`;
    expect(names(tcp)).toContain('10.96.0.9_5432');
  });

  it('are as few as a Sidecar imports', () => {
    const sidecar = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: default}
spec: {egress: [{hosts: ["./none.default.svc.cluster.local"]}]}`;
    expect(names(sidecar)).toEqual(['virtualInbound', 'virtualOutbound']);
  });
});

describe('authorization', () => {
  const filterNames = (listener: Listener | undefined) =>
    JSON.stringify(listener).match(/"name":"envoy\.filters\.http\.rbac"/g)?.length ?? 0;

  it('stands on the server’s side alone', () => {
    const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: default}
spec: {}`;
    const { listeners } = sent(policy, 'b');
    const named = (wanted: string) => listeners.find(({ name }) => name === wanted);
    expect(filterNames(named('virtualInbound'))).toBeGreaterThan(0);
    expect(filterNames(named('0.0.0.0_80'))).toBe(0);
  });
});
