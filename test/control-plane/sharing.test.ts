/** What proxies share, what a push takes over from the last one, and what it need not send. */
import { describe, expect, it } from 'vitest';
import {
  generateClusters,
  generateListeners,
  generateRoutes,
} from '../../src/control-plane/generate.ts';
import { originOf } from '../../src/control-plane/origin.ts';
import { carryOver } from '../../src/control-plane/push/carry-over.ts';
import { rebuildPushContext } from '../../src/control-plane/push/push-context.ts';
import { typesToPush } from '../../src/control-plane/types-to-push.ts';
import { sidecarOf, world } from './world.ts';

const virtualService = (name: string, spec: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default, creationTimestamp: '2025-12-02T00:00:00Z'}
spec: ${spec}
`;
const TO_B = '{hosts: [b], http: [{timeout: 3s, route: [{destination: {host: b}}]}]}';
const FROM_A =
  '{hosts: [b], http: [{match: [{sourceLabels: {app: a}}], route: [{destination: {host: b}}]}]}';
const OF_TCP = '{hosts: [b], tcp: [{route: [{destination: {host: b}}]}]}';

describe('proxies of one audience', () => {
  it('share route tables and outbound clusters by reference', () => {
    const push = world(virtualService('v', TO_B));
    const [ofA] = generateRoutes(sidecarOf('a'), push, ['80']);
    const [ofB] = generateRoutes(sidecarOf('b'), push, ['80']);
    expect(ofA).toBe(ofB);
    const outbound = (name: 'a' | 'b') =>
      generateClusters(sidecarOf(name), push).filter((it) => it.name.startsWith('outbound|'));
    outbound('a').forEach((cluster, index) => expect(cluster).toBe(outbound('b')[index]));
  });

  it('are told apart by the labels that a document looks at', () => {
    const push = world(virtualService('v', FROM_A));
    const routeOf = (name: 'a' | 'b') =>
      generateRoutes(sidecarOf(name), push, ['80'])[0]!.virtual_hosts!.find((it) =>
        it.name?.startsWith('b.'),
      )?.routes;
    expect(routeOf('a')).toHaveLength(1);
    expect(routeOf('a')).not.toEqual(routeOf('b'));
  });
});

describe('a later push', () => {
  const change = { kind: 'VirtualService', name: 'v', namespace: 'default' };

  it('keeps the virtual hosts and the registry that the edit does not touch', () => {
    const before = world(virtualService('v', TO_B));
    const [old] = generateRoutes(sidecarOf('a'), before, ['80']);
    const edited = world(virtualService('v', TO_B.replace('3s', '4s'))).environment;
    const after = rebuildPushContext(edited, before, [change]);
    const [fresh] = generateRoutes(sidecarOf('a'), after, ['80']);
    expect(after.registry).toBe(before.registry);
    expect(fresh).not.toBe(old);
    const host = (table: typeof old, name: string) =>
      table?.virtual_hosts?.find((it) => it.name?.startsWith(name));
    expect(host(fresh, 'a.')).toBe(host(old, 'a.'));
    expect(host(fresh, 'b.')).not.toBe(host(old, 'b.'));
  });

  it('sends only routes for an edit of HTTP routes, and listeners once TCP is or was among them', () => {
    const before = world(virtualService('v', TO_B));
    expect(typesToPush(sidecarOf('a'), [change], before)).toEqual(['RDS']);
    const withTcp = rebuildPushContext(world(virtualService('v', OF_TCP)).environment, before, []);
    expect(typesToPush(sidecarOf('a'), [change], withTcp)).toEqual(['LDS', 'RDS']);
    const without = rebuildPushContext(before.environment, withTcp, []);
    expect(typesToPush(sidecarOf('a'), [change], without)).toEqual(['LDS', 'RDS']);
  });

  it('sends nothing to a sidecar for a Gateway', () => {
    const gateway = { kind: 'Gateway', name: 'g', namespace: 'default' };
    expect(typesToPush(sidecarOf('a'), [gateway], world(''))).toEqual([]);
  });
});

describe('carrying over', () => {
  it('finds named items that have moved', () => {
    const previous = [{ name: 'x', value: { deep: 1 } }, { name: 'y' }];
    const merged = carryOver(previous, [{ name: 'y' }, { name: 'x', value: { deep: 1 } }]);
    expect(merged[0]).toBe(previous[1]);
    expect(merged[1]).toBe(previous[0]);
  });

  it('does not keep what came from another field of a document', () => {
    const match = (index: number) =>
      virtualService(
        'v',
        `{hosts: [b], http: [${'{match: [{uri: {exact: /x}}], route: [{destination: {host: b}}]},'.repeat(
          index,
        )} {route: [{destination: {host: b}}]}]}`,
      );
    const last = (push: ReturnType<typeof world>) =>
      generateRoutes(sidecarOf('a'), push, ['80'])[0]!
        .virtual_hosts!.find((it) => it.name?.startsWith('b.'))!
        .routes!.at(-1)!;
    const before = world(match(0));
    expect(originOf(last(before))?.path).toEqual(['spec', 'http', 0]);
    const after = rebuildPushContext(world(match(1)).environment, before, []);
    expect(originOf(last(after))?.path).toEqual(['spec', 'http', 1]);
  });
});

describe('listeners', () => {
  it('name their own proxy even where the rest is shared', () => {
    const push = world('');
    const name = (who: 'a' | 'b') => JSON.stringify(generateListeners(sidecarOf(who), push));
    expect(name('a')).not.toEqual(name('b'));
  });
});
