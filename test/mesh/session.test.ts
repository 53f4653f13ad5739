import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/mesh/session.ts';
import { apply, exec, hashOf, loadOf, podOf, runFor, sessionOf, travel } from './small-scene.ts';

const LOAD = [loadOf(20)];
const SPLIT = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: default}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web}}], fault: {abort: {percentage: {value: 50}, httpStatus: 418}}}]
`;

/** What a session's scene, seed and log give when they are run from the start. */
function replayed(session: Session): string {
  const again = sessionOf({ load: session.scene.load, events: session.scene.events }, session.log);
  travel(again, session.mesh.simulation.now);
  return hashOf(again);
}

/** Does things where a replay could slip: in one instant, mid-instant, and while time passes. */
function liveThrough(session: Session): void {
  runFor(session, 1);
  session.act(apply('web.yaml', SPLIT));
  session.act(exec(`kubectl scale deploy web-v2 --replicas=2`));
  session.act({ type: 'load', source: loadOf(60, 'more') });
  for (let events = 0; events < 7; events++) session.mesh.simulation.step();
  session.act({ type: 'fault', id: 'gone', fault: { kind: 'lose-istiod', target: '' } });
  session.mesh.stepHop();
  session.act(exec(`kubectl exec ${podOf(session, 'client-v1')} -c client -- curl -s http://web/`));
  session.act(exec(`kubectl delete pod ${podOf(session, 'web-v1')}`));
  runFor(session, 2);
  session.act({ type: 'end-fault', id: 'gone' });
  runFor(session, 3);
}

describe('a session', () => {
  it('has the same hash for the same seed and another for another', () => {
    const [one, same, other] = [{ seed: 5 }, { seed: 5 }, { seed: 6 }].map((seed) => {
      const session = sessionOf({ load: LOAD, ...seed });
      runFor(session, 3);
      return hashOf(session);
    });
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('replays what was done in one instant, mid-instant and by commands that take time', () => {
    const session = sessionOf({ load: LOAD });
    liveThrough(session);
    expect(replayed(session)).toBe(hashOf(session));
  });

  it('replays mid-instant actions beside scripted commands that take time themselves', () => {
    const events = [{ atMs: 500, exec: 'fortio load -qps 20 -t 1s http://web.default/' }];
    const session = sessionOf({ load: LOAD, events });
    runFor(session, 2);
    for (let events = 0; events < 5; events++) session.mesh.simulation.step();
    session.act(exec('kubectl delete pods -l app=web'));
    runFor(session, 2);
    expect(replayed(session)).toBe(hashOf(session));
  });

  it('repeats itself after a rewind to any moment', () => {
    const session = sessionOf({ load: LOAD });
    const start = session.mesh.simulation.now;
    liveThrough(session);
    const end = session.mesh.simulation.now;
    const hash = hashOf(session);
    const length = session.log.length;
    for (const share of [0, 0.2, 0.5, 0.99]) {
      travel(session, Math.round(start + (end - start) * share));
      session.advance(end);
      expect({ share, hash: hashOf(session) }).toEqual({ share, hash });
      expect(session.log.length).toBe(length);
    }
  });

  it('forgets the rest of the log when something new is done after a rewind', () => {
    const session = sessionOf({ load: LOAD });
    const start = session.mesh.simulation.now;
    runFor(session, 1);
    session.act(exec('kubectl scale deploy web-v2 --replicas=2'));
    runFor(session, 1);
    session.act(exec('kubectl scale deploy web-v2 --replicas=3'));
    runFor(session, 1);
    travel(session, start + 1_500_000);
    expect(session.log.length).toBe(2);
    session.act(apply('web.yaml', SPLIT));
    expect(session.log.map(({ action }) => action.type)).toEqual(['exec', 'apply']);
    runFor(session, 2);
    expect(replayed(session)).toBe(hashOf(session));
  });

  it('cuts the log at a fork', () => {
    const session = sessionOf({ load: LOAD });
    runFor(session, 1);
    session.act(exec('kubectl scale deploy web-v2 --replicas=2'));
    const middle = session.mesh.simulation.now;
    runFor(session, 1);
    session.act(exec('kubectl scale deploy web-v2 --replicas=3'));
    travel(session, middle, true);
    expect(session.log.length).toBe(1);
    runFor(session, 2);
    expect(replayed(session)).toBe(hashOf(session));
  });

  it('runs alike whether it is watched or not', () => {
    const [watched, unwatched] = [true, false].map((isWatched) => {
      const session = sessionOf({ load: [loadOf(700)] });
      session.mesh.isWatched = isWatched;
      runFor(session, 2);
      return hashOf(session);
    });
    expect(unwatched).toBe(watched);
  });
});

/** 1500 requests/s × 7 events × 40 s: enough for two meshes to be parked, 200,000 events apart. */
const BUSY = [loadOf(1500)];
const GAP_EVENTS = 200_000;
const SLICE_EVENTS = 20_000;

/** Does all work for idle moments; how many slices it took. */
function idleOut(session: Session): number {
  let slices = 0;
  while (session.idle(SLICE_EVENTS)) slices += 1;
  return slices;
}

// seconds of work each; a busy machine may take ten times as long
describe('parked meshes', { timeout: 120_000 }, () => {
  it('make going back a matter of bounded events, with the hash of a full replay', () => {
    const session = sessionOf({ load: BUSY });
    runFor(session, 1);
    session.act(exec('kubectl delete pods -l app=web'));
    runFor(session, 39);
    const [end, hash] = [session.mesh.simulation.now, hashOf(session)];
    const parked = Math.floor(session.mesh.simulation.eventCount / GAP_EVENTS);
    expect(parked).toBeGreaterThanOrEqual(2);
    // each is built in slices, from the start
    expect(idleOut(session)).toBeGreaterThanOrEqual((GAP_EVENTS / SLICE_EVENTS) * (1 + 2));
    let slices = 0;
    const steps = session.goTo(end - 1_000_000);
    while (!steps.next().done) slices += 1;
    expect(slices).toBeLessThanOrEqual(GAP_EVENTS / SLICE_EVENTS + 1);
    session.advance(end);
    expect(hashOf(session)).toBe(hash);
  });

  it('that ran on without what is done after a rewind are let go', () => {
    const session = sessionOf({ load: BUSY });
    const start = session.mesh.simulation.now;
    runFor(session, 24);
    const events = session.mesh.simulation.eventCount;
    idleOut(session);
    travel(session, start + 1_000_000);
    session.act(exec('kubectl delete pods -l app=web'));
    runFor(session, 23);
    expect(events).toBeGreaterThan(GAP_EVENTS);
    travel(session, start + 23_500_000);
    expect(replayed(session)).toBe(hashOf(session));
  });

  it('are none while a session is short', () => {
    const session = sessionOf({ load: BUSY });
    runFor(session, 2);
    expect(session.idle()).toBe(false);
  });
});
