import { describe, expect, it } from 'vitest';
import { MOVE, MOVE_FIELDS, MOVE_KIND, MOVE_MARK } from '../../src/protocol/frame.ts';
import type { Session } from '../../src/mesh/session.ts';
import { apply, loadOf, runFor, sessionOf } from './small-scene.ts';

interface Move {
  readonly request: number;
  readonly from: string;
  readonly to: string;
  readonly kind: number;
  readonly status: number;
  readonly isMtls: boolean;
  readonly isRetry: boolean;
  readonly isLast: boolean;
}

/** The moves since the last frame, with the names of their points. */
function movesOf({ mesh }: Session): Move[] {
  const { moves } = mesh.takeFrame();
  const { points } = mesh.topology();
  const rows = Array.from({ length: moves.length / MOVE_FIELDS }, (_, row) =>
    moves.subarray(row * MOVE_FIELDS, (row + 1) * MOVE_FIELDS),
  );
  const short = (point: number) => (points[point] ?? '?').replace(/-v(\d)-.*?\./, '-v$1.');
  return rows.map((row) => ({
    request: row[MOVE.request]!,
    from: short(row[MOVE.from]!),
    to: short(row[MOVE.to]!),
    kind: row[MOVE.kind]!,
    status: row[MOVE.status]!,
    isMtls: (row[MOVE.marks]! & MOVE_MARK.mtls) !== 0,
    isRetry: (row[MOVE.marks]! & MOVE_MARK.retry) !== 0,
    isLast: (row[MOVE.marks]! & MOVE_MARK.last) !== 0,
  }));
}

const routed = (http: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: default}
spec: {hosts: [web], http: [{${http}, route: [{destination: {host: web}}]}]}
`;

describe('moves', () => {
  it('of a request go through its four hands and back, encrypted between the sidecars', () => {
    const session = sessionOf({ load: [loadOf(20)] });
    runFor(session, 1);
    const all = movesOf(session).filter(({ request }) => request > 0);
    const first = all.filter(({ request }) => request === all[0]!.request);
    const web = first[1]!.to.split('/')[0];
    expect(first.map(({ from, to, kind, isMtls }) => [from, to, kind, isMtls])).toEqual([
      ['client-v1.default/app', 'client-v1.default/sidecar', MOVE_KIND.request, false],
      ['client-v1.default/sidecar', `${web}/sidecar`, MOVE_KIND.request, true],
      [`${web}/sidecar`, `${web}/app`, MOVE_KIND.request, false],
      [`${web}/app`, `${web}/sidecar`, MOVE_KIND.response, false],
      [`${web}/sidecar`, 'client-v1.default/sidecar', MOVE_KIND.response, true],
      ['client-v1.default/sidecar', 'client-v1.default/app', MOVE_KIND.response, false],
    ]);
    expect(first.map(({ status }) => status)).toEqual([0, 0, 0, 200, 200, 200]);
  });

  it('mark later attempts as retries', () => {
    const session = sessionOf({ load: [loadOf(20)] });
    session.act(apply('web.yaml', routed('retries: {attempts: 2, retryOn: 5xx}')));
    for (const target of ['web-v1.default', 'web-v2.default'])
      session.act({ type: 'fault', id: target, fault: { kind: 'error-rate', target, size: 100 } });
    runFor(session, 2);
    movesOf(session);
    runFor(session, 1);
    const calls = movesOf(session).filter(
      ({ from, to, kind }) =>
        kind === MOVE_KIND.request && /^client.*\/sidecar$/.test(from) && to !== 'istiod',
    );
    // every request fails: one attempt of three is the first
    const retries = calls.filter(({ isRetry }) => isRetry);
    expect(calls.length).toBeGreaterThan(30);
    expect(retries.length / calls.length).toBeGreaterThan(0.6);
    expect(retries.length / calls.length).toBeLessThan(0.72);
  });

  it('show pushes and their answers under negative numbers, each its own', () => {
    const session = sessionOf();
    runFor(session, 1);
    movesOf(session);
    session.act(apply('web.yaml', routed('timeout: 5s')));
    runFor(session, 2);
    const all = movesOf(session);
    const kinds = new Set(all.map(({ kind }) => kind));
    expect(all.every(({ request }) => request < 0)).toBe(true);
    expect(new Set(all.map(({ request }) => request)).size).toBe(all.length);
    expect([...kinds].sort()).toEqual([MOVE_KIND.push, MOVE_KIND.ack]);
  });

  it('end where a request ends without an answer', () => {
    const session = sessionOf({ load: [{ ...loadOf(20), url: 'http://10.244.99.99:81/' }] });
    session.act({ type: 'load', source: { ...loadOf(20, 'nobody'), url: 'http://nobody/' } });
    runFor(session, 1);
    const ended = movesOf(session).filter(({ isLast }) => isLast);
    expect(ended.length).toBeGreaterThan(0);
    expect(ended.every(({ status, from, to }) => status === -1 && from === to)).toBe(true);
  });

  it('are those of every second request above 500 a second, and of all again below', () => {
    const session = sessionOf({
      load: [{ ...loadOf(700), model: { kind: 'open', ratePerSecond: 700, arrivals: 'constant' } }],
    });
    runFor(session, 3);
    movesOf(session);
    runFor(session, 1);
    expect(session.mesh.traffic.sampling.every).toBe(2);
    const watched = new Set(
      movesOf(session)
        .map(({ request }) => request)
        .filter((one) => one > 0),
    );
    expect(watched.size).toBeGreaterThan(340);
    expect(watched.size).toBeLessThan(360);
    session.act({ type: 'load', source: loadOf(20) });
    runFor(session, 3);
    expect(session.mesh.takeFrame().sampling).toBe(1);
  });
});

describe('the topology', () => {
  it('is the same object until something changes', () => {
    const session = sessionOf();
    const before = session.mesh.topology();
    expect(session.mesh.topology()).toBe(before);
    session.act(apply('web.yaml', routed('timeout: 5s')));
    expect(session.mesh.topology().revision).toBe(before.revision + 1);
  });

  it('names points of both halves of each pod', () => {
    const { pods, points } = sessionOf().mesh.topology();
    for (const { id, appPoint, sidecarPoint } of pods)
      expect([points[appPoint], points[sidecarPoint]]).toEqual([`${id}/app`, `${id}/sidecar`]);
  });

  it('shows an ejected pod with the end of its ejection, and then no more', () => {
    const session = sessionOf({ load: [loadOf(50)] });
    const outlier = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: default}
spec:
  host: web
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: 50}}
`;
    session.act(apply('rule.yaml', outlier));
    runFor(session, 2);
    const fault = { kind: 'error-rate', target: 'web-v1.default', size: 100 } as const;
    session.act({ type: 'fault', id: 'errors', fault });
    runFor(session, 1.5);
    const ejected = () =>
      session.mesh.topology().pods.filter(({ ejectedBy }) => ejectedBy.length > 0);
    const now = session.mesh.simulation.now;
    expect(ejected().map(({ workload }) => workload)).toEqual(['web-v1']);
    const [ejection] = ejected()[0]!.ejectedBy;
    expect(ejection!.pod).toMatch(/^client-v1/);
    expect(ejection!.untilUs).toBeGreaterThan(now);
    expect(ejection!.untilUs).toBeLessThanOrEqual(now + 6_000_000);
    expect(ejected()[0]!.faults).toEqual(['error-rate']);
    session.act({ type: 'end-fault', id: 'errors' });
    runFor(session, 8);
    expect(ejected()).toEqual([]);
  });

  it('shows proxies as disconnected while istiod is gone', () => {
    const session = sessionOf();
    const syncs = () =>
      new Set(
        session.mesh
          .topology()
          .pods.filter(({ sidecar }) => sidecar)
          .map(({ sync }) => sync),
      );
    runFor(session, 1);
    expect(syncs()).toEqual(new Set(['synced']));
    session.act({ type: 'fault', id: 'gone', fault: { kind: 'lose-istiod', target: '' } });
    runFor(session, 3);
    expect(syncs()).toEqual(new Set(['disconnected']));
    session.act({ type: 'end-fault', id: 'gone' });
    runFor(session, 40);
    expect(syncs()).toEqual(new Set(['synced']));
  });
});
