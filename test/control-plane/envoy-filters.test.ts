/** EnvoyFilter patches, as far as their places and operations go. */
import { describe, expect, it } from 'vitest';
import { mergeMessages } from '../../src/control-plane/patch/patch-value.ts';
import { sent } from './world.ts';

const envoyFilter = (patch: string, selector = 'b') => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: default, creationTimestamp: '2025-12-02T00:00:00Z'}
spec:
  workloadSelector: {labels: {app: ${selector}}}
  configPatches:
  - ${patch}
`;
const httpFilterNames = (config: string, name: 'a' | 'b') => {
  const text = JSON.stringify(sent(config, name).listeners);
  return [...text.matchAll(/"name":"(envoy\.filters\.http\.[a-z_.]+)"/g)].map(([, it]) => it);
};

describe('EnvoyFilter', () => {
  const lua = envoyFilter(
    `applyTo: HTTP_FILTER
    match:
      context: SIDECAR_INBOUND
      listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}
    patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.lua}}`,
  );

  it('puts an HTTP filter right before the one it names', () => {
    const names = httpFilterNames(lua, 'b');
    const at = names.indexOf('envoy.filters.http.lua');
    expect(at).toBeGreaterThanOrEqual(0);
    expect(names[at + 1]).toBe('envoy.filters.http.router');
  });

  it('leaves workloads alone that its selector does not select', () => {
    expect(httpFilterNames(lua, 'a')).not.toContain('envoy.filters.http.lua');
  });

  it('merges into the cluster it names, under proto spelling', () => {
    const config = envoyFilter(
      `applyTo: CLUSTER
    match: {context: SIDECAR_OUTBOUND, cluster: {service: b.default.svc.cluster.local}}
    patch: {operation: MERGE, value: {connectTimeout: 7s}}`,
      'a',
    );
    const timeouts = new Map(sent(config, 'a').clusters.map((it) => [it.name, it.connect_timeout]));
    expect(timeouts.get('outbound|80||b.default.svc.cluster.local')).toBe('7s');
    expect(timeouts.get('outbound|80||a.default.svc.cluster.local')).toBe('10s');
  });

  it('removes a cluster', () => {
    const config = envoyFilter(
      `applyTo: CLUSTER
    match: {context: SIDECAR_OUTBOUND, cluster: {name: outbound|80||a.default.svc.cluster.local}}
    patch: {operation: REMOVE}`,
      'a',
    );
    const names = sent(config, 'a').clusters.map(({ name }) => name);
    expect(names).not.toContain('outbound|80||a.default.svc.cluster.local');
    expect(names).toContain('outbound|80||b.default.svc.cluster.local');
  });
});

describe('merging messages', () => {
  it('joins lists, merges messages and replaces everything else', () => {
    const merged = mergeMessages(
      { list: [1], inner: { kept: 1, changed: 1 }, scalar: 1 },
      { list: [2], inner: { changed: 2 }, scalar: 2 },
    );
    expect(merged).toEqual({ list: [1, 2], inner: { kept: 1, changed: 2 }, scalar: 2 });
  });
});
