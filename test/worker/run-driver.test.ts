import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Mesh } from '../../src/mesh/mesh.ts';
import { PROTOCOL_VERSION, type Command, type Event } from '../../src/protocol/messages.ts';
import { RunDriver, type PacingClock } from '../../src/worker/run-driver.ts';
import { apply, exec, loadOf, sceneOf, SECOND } from '../mesh/small-scene.ts';

/** Real time that passes only when the test says so, or a little with each look at the clock. */
class ScriptedClock implements PacingClock {
  ms = 0;
  /** Passes with each look: how slow the machine is. */
  costMs = 0;
  #waiting: { readonly atMs: number; readonly callback: () => void }[] = [];

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  now(): number {
    return (this.ms += this.costMs);
  }

  later(ms: number, callback: () => void): () => void {
    const one = { atMs: this.ms + ms, callback };
    this.#waiting.push(one);
    return () => (this.#waiting = this.#waiting.filter((other) => other !== one));
  }

  /** Lets `ms` pass, calling back what is due. */
  pass(ms: number): void {
    const end = this.ms + ms;
    for (;;) {
      const next = this.#waiting.sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > end) break;
      this.#waiting.shift();
      this.ms = Math.max(this.ms, next.atMs);
      next.callback();
    }
    this.ms = Math.max(this.ms, end);
  }
}

const RUN = 'run-1';
type Wish = Command extends infer C ? (C extends unknown ? Omit<C, 'runId'> : never) : never;

let clock: ScriptedClock;
let events: Event[];
let driver: RunDriver;

beforeEach(() => {
  clock = new ScriptedClock();
  events = [];
  driver = new RunDriver((event) => events.push(event), clock);
});

function tell(wish: Wish, runId = RUN): void {
  driver.receive({ ...wish, runId } as Command);
}

/** Opens the small scene and waits until it stands at its beginning; that moment. */
function open(given: Partial<Extract<Command, { type: 'open' }>> = {}, runId = RUN): number {
  const scene = sceneOf({ load: [loadOf(50)] });
  tell({ type: 'open', scene, seed: 5, log: [], timeUs: 0, playing: false, ...given }, runId);
  clock.pass(100);
  return of('opened').at(-1)!.timeUs;
}

function of<T extends Event['type']>(type: T): Extract<Event, { type: T }>[] {
  return events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}

/** The virtual time that the page has seen last. */
const shownUs = () => of('frame').at(-1)!.frame.timeUs;

describe('opening', () => {
  it('tells opened, then state, topology and a first frame, each with the run it is of', () => {
    const start = open();
    expect(events.map(({ type }) => type)).toEqual([
      'opened',
      'state',
      'topology',
      'frame',
      'propagation',
    ]);
    expect(events.every(({ runId }) => runId === RUN)).toBe(true);
    expect(of('opened')[0]!.protocolVersion).toBe(PROTOCOL_VERSION);
    expect(of('state')[0]).toMatchObject({ playing: false, speed: 1, faults: [], log: [] });
    expect(shownUs()).toBe(start);
    expect(clock.isIdle).toBe(true);
  });

  it('replays the log of a link and stands at its moment', () => {
    const start = open();
    const log = [{ timeUs: start, eventNumber: 0, action: exec('kubectl get pods') }];
    open({ log, timeUs: start + 2 * SECOND });
    expect(shownUs()).toBe(start + 2 * SECOND);
    expect(of('state').at(-1)!.log).toEqual(log);
  });

  it('ends the run before: what is said to it is not heard', () => {
    open({ playing: true });
    open({}, 'run-2');
    events = [];
    tell({ type: 'play' });
    clock.pass(1000);
    expect(events).toEqual([]);
    tell({ type: 'play' }, 'run-2');
    clock.pass(1000);
    expect(events.length).toBeGreaterThan(10);
    expect(events.every(({ runId }) => runId === 'run-2')).toBe(true);
  });
});

describe('playing', () => {
  it.each([0.01, 1, 100])('lets virtual time pass %d times as fast as real time', (factor) => {
    const start = open();
    tell({ type: 'speed', factor });
    tell({ type: 'play' });
    clock.pass(1000);
    const share = (shownUs() - start) / (factor * SECOND);
    // one frame of 1000/60 ms may be under way
    expect(share).toBeGreaterThan(0.98);
    expect(share).toBeLessThanOrEqual(1);
    expect(of('state').at(-1)).toMatchObject({ playing: true, speed: factor });
  });

  it('keeps to speeds between 0.01 and 100', () => {
    open();
    tell({ type: 'speed', factor: 1e9 });
    tell({ type: 'speed', factor: 0 });
    expect(of('state').map(({ speed }) => speed)).toEqual([1, 100, 0.01]);
  });

  it('slows down instead of keeping messages out when the machine cannot keep up', () => {
    const start = open();
    clock.costMs = 5;
    tell({ type: 'speed', factor: 100 });
    tell({ type: 'play' });
    const from = clock.ms;
    clock.pass(2000);
    const frames = of('frame').length;
    expect(frames).toBeGreaterThan(2000 / 40);
    expect(shownUs() - start).toBeLessThan(100 * 2 * SECOND);
    // and does not run after what was missed
    const behind = shownUs();
    clock.costMs = 0;
    clock.pass(100);
    expect(shownUs() - behind).toBeLessThanOrEqual(100 * (clock.ms - from - 2000 + 20) * 1000);
  });

  it('stands still on pause and goes on from there', () => {
    open({ playing: true });
    clock.pass(500);
    tell({ type: 'pause' });
    const paused = shownUs();
    const frames = of('frame').length;
    clock.pass(5000);
    expect(of('frame').length).toBe(frames);
    tell({ type: 'play' });
    clock.pass(100);
    expect(shownUs() - paused).toBeLessThanOrEqual(120_000);
    expect(shownUs()).toBeGreaterThan(paused);
  });

  it('goes on at once after a command that took virtual time', () => {
    open({ playing: true });
    clock.pass(100);
    const line = 'fortio load -qps 10 -t 20s http://web.default/';
    tell({ type: 'act', action: exec(line), requestId: 'a' });
    const after = of('acted')[0]!.timeUs;
    clock.pass(1000);
    expect(shownUs() - after).toBeGreaterThan(0.9 * SECOND);
  });
});

describe('stepping', () => {
  it('by event stops the play and handles one event', () => {
    open({ playing: true });
    clock.pass(200);
    const before = of('frame').length;
    tell({ type: 'step', unit: 'event' });
    clock.pass(1000);
    expect(of('frame').length).toBe(before + 1);
    expect(of('state').at(-1)!.playing).toBe(false);
  });

  it('by hop ends when a request has moved once', () => {
    open();
    tell({ type: 'step', unit: 'hop' });
    const { moves } = of('frame').at(-1)!.frame;
    expect(moves.length).toBeGreaterThanOrEqual(8);
    expect(moves[0]).toBeGreaterThan(0);
  });
});

describe('seeking', () => {
  it('goes back and forward, telling its progress on the way', () => {
    const start = open({ scene: sceneOf({ load: [loadOf(1500)] }) });
    tell({ type: 'seek', timeUs: start + 5 * SECOND, fork: false });
    clock.pass(100);
    expect(shownUs()).toBe(start + 5 * SECOND);
    events = [];
    clock.costMs = 13;
    tell({ type: 'seek', timeUs: start + 4 * SECOND, fork: false });
    clock.pass(5000);
    const shares = of('progress').map(({ share }) => share);
    expect(shares.length).toBeGreaterThan(0);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(shownUs()).toBe(start + 4 * SECOND);
    expect(of('topology').length).toBe(1);
  });

  it('while seeking gives up the earlier place', () => {
    const start = open();
    tell({ type: 'seek', timeUs: start + 60 * SECOND, fork: false });
    tell({ type: 'seek', timeUs: start + 1 * SECOND, fork: false });
    clock.pass(1000);
    expect(shownUs()).toBe(start + 1 * SECOND);
    expect(of('frame').map(({ frame }) => frame.timeUs)).not.toContain(start + 60 * SECOND);
  });

  it('goes on playing when it was playing', () => {
    const start = open({ playing: true });
    clock.pass(500);
    tell({ type: 'seek', timeUs: start, fork: false });
    clock.pass(200);
    expect(shownUs()).toBeGreaterThan(start);
    expect(shownUs() - start).toBeLessThanOrEqual(200_000);
  });

  it('with fork forgets what comes after', () => {
    const start = open();
    tell({ type: 'seek', timeUs: start + SECOND, fork: false });
    tell({ type: 'act', action: exec('kubectl get pods'), requestId: 'a' });
    expect(of('state').at(-1)!.log.length).toBe(1);
    tell({ type: 'seek', timeUs: start, fork: true });
    clock.pass(100);
    expect(of('state').at(-1)!.log).toEqual([]);
  });
});

const SUBSETS = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: default}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}]}
`;

describe('acting', () => {
  it('is answered under its request, also while a replay is under way', () => {
    const start = open();
    tell({ type: 'seek', timeUs: start + SECOND, fork: false });
    tell({ type: 'act', action: apply('rule.yaml', SUBSETS), requestId: 'apply-7' });
    expect(of('acted')).toMatchObject([
      { requestId: 'apply-7', timeUs: start + SECOND, failed: false },
    ]);
    expect(of('acted')[0]!.documents).toMatchObject([{ name: 'web', outcome: 'created' }]);
  });

  it('is told how far it has got until nobody is waited for', () => {
    open({ playing: true });
    tell({ type: 'act', action: apply('rule.yaml', SUBSETS), requestId: 'a' });
    events = [];
    clock.pass(3000);
    const told = of('propagation');
    expect(told.length).toBeGreaterThan(0);
    expect(told.at(-1)).toMatchObject({ nacked: [], waiting: [] });
    expect(told.at(-1)!.acked.length).toBe(3);
  });
});

describe('a mistake of ours', () => {
  it('in the run stops the clock and says how to reproduce it', () => {
    open({ playing: true });
    const broken = vi.spyOn(Mesh.prototype, 'runUntil').mockImplementation(function (this: Mesh) {
      return this.simulation.fail('two and two are five');
    });
    clock.pass(1000);
    broken.mockRestore();
    const [crashed] = of('crashed');
    expect(crashed!.message).toContain('two and two are five');
    expect(crashed!.seed).toBe(5);
    expect(crashed!.eventNumber).toBeGreaterThan(0);
    expect(events.at(-1)).toBe(crashed);
    expect(clock.isIdle).toBe(true);
  });

  it('at the start is told with the seed of the run that did not start', () => {
    open();
    events = [];
    const scene = { ...sceneOf(), platform: undefined as never };
    tell({ type: 'open', scene, seed: 77, log: [], timeUs: 0, playing: true }, 'b');
    expect(events).toMatchObject([{ type: 'crashed', runId: 'b', seed: 77 }]);
    tell({ type: 'step', unit: 'event' }, 'b');
    clock.pass(1000);
    expect(events.length).toBe(1);
  });
});

describe('closing', () => {
  it('stops everything: no event comes any more', () => {
    const start = open({ playing: true });
    tell({ type: 'seek', timeUs: start + 10 * SECOND, fork: false });
    tell({ type: 'close' });
    events = [];
    tell({ type: 'play' });
    tell({ type: 'step', unit: 'hop' });
    tell({ type: 'seek', timeUs: start, fork: false });
    clock.pass(1000);
    expect(events).toEqual([]);
    expect(clock.isIdle).toBe(true);
  });
});
