/** Where dots run: for each pair of points one track, along the edge between their cards. */
import type { Topology } from '../../protocol/topology.ts';
import type { Spot } from './layout.ts';
import { cardSize, podOffset, TITLE_HEIGHT, type PodShape, type Workload } from './workloads.ts';

/** A way as a polyline with its length run so far at each corner. */
export interface Track {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly lengths: Float64Array;
}

interface Place extends Spot {
  readonly card: string;
  readonly pod: string;
}

const CURVE_STEPS = 18;
/** Requests keep left, answers right, so that both can be told apart on one edge. */
const LANE = 4;
const SIDECAR_SHARE = 0.36;
/** Middle of the globe that stands for a machine outside. */
export const OUTSIDE_RAIL = 43;
/** In a pod with a name the dots run above the name. */
const NAMED_RAIL = 17;

export class Tracks {
  readonly #places: readonly (Place | undefined)[];
  readonly #cards: ReadonlyMap<string, CardBox>;
  readonly #cache = new Map<number, Track>();
  /** Where each pod, istiod and outside machine stands: what arrow keys walk. */
  readonly centres: ReadonlyMap<string, Spot>;

  constructor(
    topology: Topology,
    workloads: readonly Workload[],
    spots: ReadonlyMap<string, Spot>,
  ) {
    this.#cards = new Map(
      workloads.map((workload) => [
        workload.id,
        cardBox(workload, spots.get(workload.id) ?? { x: 0, y: 0 }),
      ]),
    );
    const byName = pointPlaces(workloads, spots);
    this.#places = topology.points.map((name) => byName.get(name));
    this.centres = new Map(
      this.#places.flatMap((place) => (place ? [[place.pod || place.card, place] as const] : [])),
    );
  }

  place(point: number): Spot | undefined {
    return this.#places[point];
  }

  card(point: number): string | undefined {
    return this.#places[point]?.card;
  }

  track(from: number, to: number): Track | undefined {
    const key = from * 65_536 + to;
    const known = this.#cache.get(key);
    if (known) return known;
    const a = this.#places[from];
    const b = this.#places[to];
    if (!a || !b) return undefined;
    const track = measured(this.#corners(a, b));
    this.#cache.set(key, track);
    return track;
  }

  #corners(a: Place, b: Place): Spot[] {
    if (a.card === b.card) return [a, b];
    if (a.card === 'istiod' || b.card === 'istiod') return plumb(a, b);
    const cardA = this.#cards.get(a.card);
    const cardB = this.#cards.get(b.card);
    if (!cardA || !cardB) return [a, b];
    const forward = cardA.spot.x <= cardB.spot.x;
    const left = forward ? cardA : cardB;
    const right = forward ? cardB : cardA;
    const lane = forward ? -LANE : LANE;
    const start = port(left, 'right', lane);
    const end = port(right, 'left', lane);
    const curve = bezier(start, end);
    const middle = forward ? curve : curve.reverse();
    return [a, ...middle, b];
  }
}

/** A card where it stands, and the height in it at which edges arrive. */
export interface CardBox {
  readonly spot: Spot;
  readonly width: number;
  readonly rail: number;
}

export function cardBox(workload: Workload, spot: Spot): CardBox {
  const { width, height } = cardSize(workload);
  if (workload.kind === 'outside') return { spot, width, rail: OUTSIDE_RAIL };
  // One pod: straight into it. Several: between them.
  const single = workload.slots.size === 1 && [...workload.slots.values()][0] === 0;
  const rail = single ? TITLE_HEIGHT + railOf(workload.shape) : (height + TITLE_HEIGHT) / 2;
  return { spot, width, rail };
}

/** The point of a card where edges leave or arrive. */
export function port(card: CardBox, side: 'left' | 'right', lane = 0): Spot {
  return {
    x: card.spot.x + (side === 'right' ? card.width + 4 : -4),
    y: card.spot.y + card.rail + lane,
  };
}

/** Control points of the curve between two ports; the drawn edge and the dots share it. */
export function bend(start: Spot, end: Spot): readonly [Spot, Spot] {
  const reach = Math.max(40, Math.abs(end.x - start.x) * 0.45);
  return [
    { x: start.x + reach, y: start.y },
    { x: end.x - reach, y: end.y },
  ];
}

function bezier(start: Spot, end: Spot): Spot[] {
  const [one, two] = bend(start, end);
  const spots: Spot[] = [];
  for (let step = 0; step <= CURVE_STEPS; step++) {
    const t = step / CURVE_STEPS;
    const u = 1 - t;
    const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    spots.push({
      x: a * start.x + b * one.x + c * two.x + d * end.x,
      y: a * start.y + b * one.y + c * two.y + d * end.y,
    });
  }
  return spots;
}

/** Config comes down from istiod in a bow of its own, apart from the requests. */
function plumb(a: Spot, b: Spot): Spot[] {
  const spots: Spot[] = [];
  for (let step = 0; step <= CURVE_STEPS; step++) {
    const t = step / CURVE_STEPS;
    const u = 1 - t;
    const middle = { x: (a.x + b.x) / 2, y: Math.min(a.y, b.y) + Math.abs(b.y - a.y) * 0.35 };
    spots.push({
      x: u * u * a.x + 2 * u * t * middle.x + t * t * b.x,
      y: u * u * a.y + 2 * u * t * middle.y + t * t * b.y,
    });
  }
  return spots;
}

function measured(corners: readonly Spot[]): Track {
  const xs = Float64Array.from(corners, ({ x }) => x);
  const ys = Float64Array.from(corners, ({ y }) => y);
  const lengths = new Float64Array(corners.length);
  for (let i = 1; i < corners.length; i++) {
    const dx = (xs[i] ?? 0) - (xs[i - 1] ?? 0);
    const dy = (ys[i] ?? 0) - (ys[i - 1] ?? 0);
    lengths[i] = (lengths[i - 1] ?? 0) + Math.hypot(dx, dy);
  }
  return { xs, ys, lengths };
}

/** The place after `share` (0 to 1) of the way; written into `out` to spare garbage. */
export function along(track: Track, share: number, out: { x: number; y: number }): void {
  const { xs, ys, lengths } = track;
  const last = lengths.length - 1;
  const wanted = Math.max(0, Math.min(1, share)) * (lengths[last] ?? 0);
  let i = 1;
  while (i < last && (lengths[i] ?? 0) < wanted) i++;
  const from = lengths[i - 1] ?? 0;
  const span = (lengths[i] ?? 0) - from;
  const t = span > 0 ? (wanted - from) / span : 1;
  out.x = (xs[i - 1] ?? 0) + ((xs[i] ?? 0) - (xs[i - 1] ?? 0)) * t;
  out.y = (ys[i - 1] ?? 0) + ((ys[i] ?? 0) - (ys[i - 1] ?? 0)) * t;
}

/** Height of the line in a pod on which its dots run. */
export function railOf({ named, height }: PodShape): number {
  return named ? NAMED_RAIL : height / 2;
}

/** Width of a pod's sidecar half. */
export function sidecarWidth(podWidth: number): number {
  return Math.round(podWidth * SIDECAR_SHARE);
}

/** Middles of the halves, by the names of the worker's point table. */
function pointPlaces(
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const workload of workloads) {
    const spot = spots.get(workload.id) ?? { x: 0, y: 0 };
    const { width, height } = cardSize(workload);
    if (workload.kind === 'istiod' || workload.kind === 'outside') {
      const y = spot.y + (workload.kind === 'istiod' ? height : OUTSIDE_RAIL);
      const place = { x: spot.x + width / 2, y, card: workload.id, pod: '' };
      places.set(workload.id, place);
      for (const pod of workload.pods) {
        for (const name of [pod.id, `${pod.id}/app`, `${pod.id}/sidecar`]) places.set(name, place);
      }
      continue;
    }
    workload.pods.forEach((pod) => {
      const offset = podOffset(workload, pod.id);
      const { width: podWidth } = workload.shape;
      const left = spot.x + offset.x;
      const y = spot.y + offset.y + railOf(workload.shape);
      const split = sidecarWidth(podWidth);
      const whole = workload.kind === 'gateway';
      const sidecarX = whole ? left + podWidth / 2 : left + split / 2;
      const appX = whole || !pod.sidecar ? left + podWidth / 2 : left + (split + podWidth) / 2;
      const of = { y, card: workload.id, pod: pod.id };
      places.set(`${pod.id}/sidecar`, { ...of, x: sidecarX });
      places.set(`${pod.id}/app`, { ...of, x: appX });
      places.set(pod.id, { ...of, x: whole ? sidecarX : appX });
    });
  }
  return places;
}
