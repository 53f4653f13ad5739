import { describe, expect, it } from 'vitest';
import { DotPainter } from '../../src/app/topology/dot-painter.ts';
import { Dots } from '../../src/app/topology/dots.ts';
import { fitInto } from '../../src/app/topology/fit.ts';
import { placeCards, rankAll, type Call } from '../../src/app/topology/layout.ts';
import { PodSlots } from '../../src/app/topology/pod-slots.ts';
import { along, Tracks } from '../../src/app/topology/tracks.ts';
import { nextInDirection } from '../../src/app/topology/walk.ts';
import {
  cardSize,
  gatherWorkloads,
  isGhost,
  withGhosts,
} from '../../src/app/topology/workloads.ts';
import { MOVE_KIND, MOVE_MARK, type Frame } from '../../src/protocol/frame.ts';
import { scriptedTopology } from './scripted-run.ts';

const CALLS: readonly Call[] = [
  { from: 'external', to: 'istio-ingressgateway.istio-system' },
  { from: 'istio-ingressgateway.istio-system', to: 'productpage-v1.default' },
  { from: 'productpage-v1.default', to: 'reviews-v1.default' },
  { from: 'reviews-v2.default', to: 'ratings-v1.default' },
];
const SIBLINGS = [['reviews-v1.default', 'reviews-v2.default', 'reviews-v3.default']];

describe('the layout', () => {
  const workloads = gatherWorkloads(scriptedTopology());
  const ranks = rankAll(workloads, CALLS, SIBLINGS);

  it('puts callers left of those they call', () => {
    const order = [
      'external',
      'istio-ingressgateway.istio-system',
      'productpage-v1.default',
      'reviews-v1.default',
      'ratings-v1.default',
    ];
    expect(order.map((id) => ranks.get(id))).toEqual([0, 1, 2, 3, 4]);
  });

  it('puts versions behind one service into one column before they are called', () => {
    expect(ranks.get('reviews-v3.default')).toBe(ranks.get('reviews-v1.default'));
  });

  it('ends when callers call one another', () => {
    const circle = [...CALLS, { from: 'ratings-v1.default', to: 'productpage-v1.default' }];
    expect(rankAll(workloads, circle, SIBLINGS).get('external')).toBe(0);
  });

  it('places 300 services with 900 calls in a moment', () => {
    const first = workloads[0];
    if (!first) throw new Error('the script has workloads');
    const many = Array.from({ length: 300 }, (_, i) => ({ ...first, id: `w${i}` }));
    const web = Array.from({ length: 900 }, (_, i) => ({
      from: `w${(i * 7) % 300}`,
      to: `w${(i * 13 + 5) % 300}`,
    }));
    const startMs = performance.now();
    expect(placeCards(many, web, [], new Map()).size).toBe(300);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it('moves no card when a workload comes', () => {
    const before = placeCards(workloads.slice(1), CALLS, SIBLINGS, new Map());
    const after = placeCards(workloads, CALLS, SIBLINGS, before);
    for (const [id, spot] of before) expect(after.get(id)).toEqual(spot);
    expect(after.size).toBe(before.size + 1);
  });

  it('gives a new pod the first free place and moves none that is there', () => {
    const slots = new PodSlots();
    slots.assign('card', ['a', 'b', 'c']);
    expect([...slots.assign('card', ['c', 'z', 'a'])].sort()).toEqual([
      ['a', 0],
      ['c', 2],
      ['z', 1],
    ]);
  });

  it('keeps the place of a card whose last pod went', () => {
    const [first, ...others] = workloads.filter(({ kind }) => kind === 'application');
    if (!first) throw new Error('the script has applications');
    const ghost = withGhosts([first, ...others], others).find(isGhost);
    expect(ghost?.id).toBe(first.id);
    expect(ghost && cardSize(ghost)).toEqual(cardSize(first));
    expect(withGhosts([first, ...others], [first, ...others]).some(isGhost)).toBe(false);
  });

  it('lets no two cards lie on one another', () => {
    const spots = placeCards(workloads, CALLS, SIBLINGS, new Map());
    const boxes = workloads.map((workload) => ({
      ...cardSize(workload),
      ...(spots.get(workload.id) ?? { x: 0, y: 0 }),
    }));
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
  });

  it('puts istiod above everything', () => {
    const spots = placeCards(workloads, CALLS, SIBLINGS, new Map());
    const top = Math.min(...[...spots].filter(([id]) => id !== 'istiod').map(([, { y }]) => y));
    expect(spots.get('istiod')?.y).toBeLessThan(top);
  });

  it('fits the mesh into the stage', () => {
    const bounds = { left: -100, top: -50, right: 900, bottom: 350 };
    const view = fitInto(bounds, 800, 600, { above: 60, below: 90 });
    expect(-100 * view.k + view.x).toBeGreaterThanOrEqual(0);
    expect(900 * view.k + view.x).toBeLessThanOrEqual(800);
  });

  it('leaves what lies on the stage above and below the mesh uncovered', () => {
    const bounds = { left: 0, top: 0, right: 200, bottom: 900 };
    const view = fitInto(bounds, 800, 600, { above: 60, below: 90 });
    expect(view.y).toBeGreaterThan(60);
    expect(900 * view.k + view.y).toBeLessThan(600 - 90);
  });
});

describe('a track', () => {
  const topology = scriptedTopology();
  const workloads = gatherWorkloads(topology);
  const spots = placeCards(workloads, CALLS, SIBLINGS, new Map());
  const tracks = new Tracks(topology, workloads, spots);
  const from = topology.points.indexOf('istiod');
  const to = 5;

  it('begins and ends at its points', () => {
    const track = tracks.track(from, to);
    const spot = { x: 0, y: 0 };
    if (!track) throw new Error('no track');
    along(track, 0, spot);
    expect(spot).toMatchObject({ x: tracks.place(from)?.x, y: tracks.place(from)?.y });
    along(track, 1, spot);
    expect(spot.x).toBeCloseTo(tracks.place(to)?.x ?? 0);
  });

  it('knows nothing of a point that is not in the table', () => {
    expect(tracks.track(0, 9999)).toBeUndefined();
  });
});

function frame(rows: readonly (readonly number[])[], previousUs = 0, timeUs = 16_000): Frame {
  const total = { requestsPerSecond: 0, success: 1, p50Ms: 0, p95Ms: 0, p99Ms: 0, byFlag: {} };
  const moves = Float64Array.from(rows.flat());
  return { timeUs, previousUs, moves, sampling: 1, inFlight: 0, total };
}

function seen(dots: Dots, atMs: number) {
  const list: { request: number; to: number; look: string; share: number; alpha: number }[] = [];
  dots.visit(atMs, ({ request }, { to, look }, share, alpha) =>
    list.push({ request, to, look, share, alpha }),
  );
  return list;
}

const ask = (from: number, to: number, us: number, marks = 0) => [
  7,
  from,
  to,
  us,
  us + 200,
  MOVE_KIND.request,
  0,
  marks,
];
const answer = (from: number, to: number, us: number, status: number, marks = 0) => [
  7,
  from,
  to,
  us,
  us + 200,
  MOVE_KIND.response,
  status,
  marks,
];

describe('dots', () => {
  it('show a hop of 0.2 ms for at least 230 ms, half way after half of them', () => {
    const dots = new Dots();
    dots.add(frame([ask(0, 1, 0)]), 1000, 1);
    expect(seen(dots, 1115)[0]?.share).toBeCloseTo(0.5);
    expect(seen(dots, 1230)[0]?.share).toBe(1);
  });

  it('take their real time when that is longer: 5 ms at 0.01x are 500 ms', () => {
    const dots = new Dots();
    dots.add(frame([[7, 0, 1, 0, 5000, MOVE_KIND.request, 0, 0]]), 0, 0.01);
    expect(seen(dots, 250)[0]?.share).toBeCloseTo(0.5);
  });

  it('follow one another: the second hop waits for the first', () => {
    const dots = new Dots();
    dots.add(frame([ask(0, 1, 0), ask(1, 2, 200)]), 0, 1);
    expect(seen(dots, 100)).toMatchObject([{ to: 1 }]);
    expect(seen(dots, 345)).toMatchObject([{ to: 2 }]);
  });

  it('stand where they wait, and end where the answer comes home', () => {
    const dots = new Dots();
    dots.add(frame([ask(0, 1, 0)]), 0, 1);
    expect(seen(dots, 5000)).toMatchObject([{ to: 1, share: 1, alpha: 1 }]);
    dots.add(frame([answer(1, 0, 0, 200)]), 5000, 1);
    expect(seen(dots, 5100)).toMatchObject([{ to: 0, look: 'ok' }]);
    expect(seen(dots, 6000)).toEqual([]);
    expect(dots.count).toBe(0);
  });

  it('start a second dot for a retry where the first died', () => {
    const dots = new Dots();
    dots.add(frame([ask(0, 1, 0), ask(1, 2, 200)]), 0, 1);
    dots.add(frame([ask(1, 3, 400, MOVE_MARK.retry)]), 500, 1);
    expect(seen(dots, 600).map(({ to }) => to)).toEqual([2, 3]);
    expect(seen(dots, 1100).map(({ to }) => to)).toEqual([3]);
  });

  it('say by their look what came back', () => {
    const looks = [200, 404, 503, -1].map((status) => {
      const dots = new Dots();
      dots.add(frame([answer(1, 0, 0, status)]), 0, 1);
      return seen(dots, 10)[0]?.look;
    });
    expect(looks).toEqual(['ok', 'client-error', 'failed', 'in-doubt']);
  });

  it('are bounded in number', () => {
    const dots = new Dots();
    const rows = Array.from({ length: 7000 }, (_, i) => [i + 1, 0, 1, 0, 1, 0, 0, 0]);
    dots.add(frame(rows), 0, 1);
    expect(dots.count).toBe(6000);
  });
});

describe('a walk by arrow keys', () => {
  const places = new Map([
    ['a', { x: 0, y: 0 }],
    ['b', { x: 100, y: 10 }],
    ['c', { x: 60, y: 200 }],
  ]);

  it('goes to the nearest thing ahead rather than one far aside', () => {
    expect(nextInDirection(places, 'a', 'right')).toBe('b');
    expect(nextInDirection(places, 'b', 'down')).toBe('c');
  });

  it('stays where nothing lies ahead', () => {
    expect(nextInDirection(places, 'a', 'left')).toBeUndefined();
  });
});

describe('a click on the stage', () => {
  const topology = scriptedTopology();
  const workloads = gatherWorkloads(topology);
  const spots = placeCards(workloads, CALLS, SIBLINGS, new Map());
  const tracks = new Tracks(topology, workloads, spots);
  const dots = new Dots();
  dots.add(frame([ask(0, 3, 0), [-1, 1, 5, 0, 1000, MOVE_KIND.push, 0, 0]]), 0, 1);
  const canvas = { getContext: () => null } as unknown as HTMLCanvasElement;
  const palette = { ink: '', paper: '', ok: '', warn: '', bad: '', taxi: '', sea: '' };
  const painter = new DotPainter(canvas, palette);
  const painting = {
    dots,
    tracks,
    view: { x: 10, y: 20, k: 2 },
    nowMs: 230,
    stepped: false,
    chosen: undefined,
  };
  const at = tracks.place(3) ?? { x: 0, y: 0 };

  it('means the nearest dot within a finger', () => {
    expect(painter.hit(painting, at.x * 2 + 10 + 6, at.y * 2 + 20 - 6)).toBe(7);
  });

  it('means no dot where there is none', () => {
    expect(painter.hit(painting, at.x * 2 + 10 + 60, at.y * 2 + 20)).toBeUndefined();
  });

  it('never means a config push', () => {
    const push = tracks.place(5) ?? { x: 0, y: 0 };
    expect(painter.hit(painting, push.x * 2 + 10, push.y * 2 + 20)).toBeUndefined();
  });
});
