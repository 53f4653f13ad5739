import { describe, expect, it } from 'vitest';
import { originOf } from '../../src/control-plane/origin.ts';
import type { Route } from '../../src/xds/resources/route.ts';
import { sent } from './world.ts';

const virtualService = (http: string, name = 'b', created = '2026-01-01T00:00:00Z') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default, creationTimestamp: '${created}'}
spec:
  hosts: [b]
  http: ${http}
---
`;

function routesToB(config: string, from: 'a' | 'b' = 'a'): Route[] {
  const table = sent(config, from).routes.find(({ name }) => name === '80');
  const host = table?.virtual_hosts?.find(({ domains }) => domains.includes('b'));
  return host?.routes ?? [];
}

describe('routes of a VirtualService', () => {
  it('stand in list order: a longer prefix does not beat an earlier route', () => {
    const routes = routesToB(
      virtualService(`[
        {match: [{uri: {prefix: /x}}], route: [{destination: {host: a}}]},
        {match: [{uri: {prefix: /x/y}}], route: [{destination: {host: b}}]}]`),
    );
    expect(routes.map(({ match }) => match.prefix)).toEqual(['/x', '/x/y']);
  });

  it('end after the first one that takes everything', () => {
    const routes = routesToB(
      virtualService(`[
        {route: [{destination: {host: a}}]},
        {match: [{uri: {prefix: /x}}], route: [{destination: {host: b}}]}]`),
    );
    expect(routes.map(({ route }) => route?.cluster)).toEqual([
      'outbound|80||a.default.svc.cluster.local',
    ]);
  });

  it('leave out destinations of weight 0, and stay weighted even when one is left', () => {
    const [route] = routesToB(
      virtualService(`[{route: [
        {destination: {host: a}, weight: 100}, {destination: {host: b}, weight: 0}]}]`),
    );
    expect(route?.route?.weighted_clusters?.clusters).toEqual([
      { name: 'outbound|80||a.default.svc.cluster.local', weight: 100 },
    ]);
  });

  it('are dropped for a proxy whose labels the match does not want', () => {
    const config = virtualService(
      `[{match: [{sourceLabels: {app: a}}], route: [{destination: {host: a}}]}]`,
    );
    expect(routesToB(config, 'a')[0]?.route?.cluster).toBe(
      'outbound|80||a.default.svc.cluster.local',
    );
    expect(routesToB(config, 'b')[0]?.name).toBe('default');
  });

  it('come from the oldest of several documents for one host', () => {
    const young = virtualService(
      '[{name: young, route: [{destination: {host: a}}]}]',
      'aaa',
      '2026-01-02T00:00:00Z',
    );
    const old = virtualService('[{name: old, route: [{destination: {host: a}}]}]', 'zzz');
    expect(routesToB(young + old).map(({ name }) => name)).toEqual(['old']);
  });

  it('know the line of YAML that made them', () => {
    const config = virtualService(`[
      {match: [{uri: {exact: /x}}, {uri: {exact: /y}}], route: [{destination: {host: a}}]}]`);
    const origins = routesToB(config).map((route) => originOf(route)?.path.join('.'));
    expect(origins).toEqual(['spec.http.0.match.0', 'spec.http.0.match.1']);
  });
});

describe('retries', () => {
  it.each([
    ['absent', '', { num_retries: 2 }],
    ['given', 'retries: {attempts: 5}', { num_retries: 5 }],
    ['moved to codes', 'retries: {attempts: 1, retryOn: "503"}', { retriable_status_codes: [503] }],
  ])('%s', (_case, text, policy) => {
    const [route] = routesToB(
      virtualService(`[{route: [{destination: {host: a}}]${text && `, ${text}`}}]`),
    );
    expect(route?.route?.retry_policy).toMatchObject(policy);
  });

  it('are switched off by attempts: 0', () => {
    const [route] = routesToB(
      virtualService('[{retries: {attempts: 0}, route: [{destination: {host: a}}]}]'),
    );
    expect(route?.route).not.toHaveProperty('retry_policy');
  });
});

describe('what no virtual host knows', () => {
  it.each([
    ['ALLOW_ANY', 'allow_any'],
    ['REGISTRY_ONLY', 'block_all'],
  ] as const)('under %s meets %s', (mode, name) => {
    const { routes } = sent('', 'a', { outboundTrafficPolicy: { mode } });
    const last = routes.find((it) => it.name === '80')?.virtual_hosts?.at(-1);
    expect(last?.name).toBe(name);
  });
});
