import { describe, expect, it } from 'vitest';
import { originOf } from '../../src/control-plane/origin.ts';
import { sent } from './world.ts';

const destinationRule = (spec: string, name = 'b') => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: default, creationTimestamp: '2026-01-01T00:00:00Z'}
spec: {host: b, ${spec}}
---
`;

function clusterOfB(config: string, subset = '') {
  const name = `outbound|80|${subset}|b.default.svc.cluster.local`;
  return sent(config).clusters.find((it) => it.name === name);
}

describe('outbound clusters', () => {
  it('open all breakers unless a rule sets one', () => {
    const limited = clusterOfB(
      destinationRule('trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}'),
    );
    expect(clusterOfB('')?.circuit_breakers?.thresholds?.[0]?.max_connections).toBe(4294967295);
    expect(limited?.circuit_breakers?.thresholds?.[0]?.max_connections).toBe(7);
  });

  it('merge a subset over the rule, but replace by port', () => {
    const config = destinationRule(`
      trafficPolicy: {loadBalancer: {simple: RANDOM}, outlierDetection: {interval: 1s}},
      subsets: [
        {name: merged, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}},
        {name: replaced, labels: {version: v1}, trafficPolicy: {portLevelSettings: [
          {port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]}}]`);
    expect(clusterOfB(config, 'merged')?.outlier_detection?.interval).toBe('1s');
    expect(clusterOfB(config, 'replaced')?.outlier_detection).toBeUndefined();
  });

  it('join the subsets of two documents under the first one’s policy', () => {
    const config =
      destinationRule('trafficPolicy: {loadBalancer: {simple: RANDOM}}', 'first') +
      destinationRule('subsets: [{name: v1, labels: {version: v1}}]', 'second');
    expect(clusterOfB(config, 'v1')?.lb_policy).toBe('RANDOM');
    expect(originOf(clusterOfB(config, 'v1')!)).toMatchObject({ name: 'second' });
  });

  it.each([
    ['PERMISSIVE', true],
    ['STRICT', true],
    ['DISABLE', false],
  ])('under %s of the servers offer mutual TLS: %s', (mode, offered) => {
    const cluster = clusterOfB(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: default}
spec: {mtls: {mode: ${mode}}}`);
    expect(cluster?.transport_socket_matches !== undefined).toBe(offered);
  });
});

describe('inbound clusters', () => {
  it('are one a target port and go where the client meant', () => {
    const own = sent('', 'b').clusters.find(({ name }) => name.startsWith('inbound|'));
    expect(own).toMatchObject({ name: 'inbound|8080||', type: 'ORIGINAL_DST' });
  });
});
