/** Edges as they are drawn: a curve, a thickness for the rate, a text, a lock. */
import type { EdgeRates } from '../../protocol/frame.ts';
import type { Call, Spot } from './layout.ts';
import { bend, port } from './tracks.ts';
import { cardSize, type Workload } from './workloads.ts';

export interface DrawnEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly label: Spot;
  readonly width: number;
  readonly rates: EdgeRates | undefined;
}

/** Where on the curve the text stands: past the middle, where a fan has already parted. */
const LABEL_AT = 0.56;

export function drawEdges(
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
  calls: readonly Call[],
  rates: readonly EdgeRates[],
): readonly DrawnEdge[] {
  const byId = new Map(workloads.map((workload) => [workload.id, workload]));
  const rateOf = new Map(rates.map((edge) => [`${edge.from} ${edge.to}`, edge]));
  return calls.flatMap(({ from, to }) => {
    const source = byId.get(from);
    const target = byId.get(to);
    const sourceSpot = spots.get(from);
    const targetSpot = spots.get(to);
    if (!source || !target || !sourceSpot || !targetSpot || from === to) return [];
    const a = { spot: sourceSpot, ...cardSize(source) };
    const b = { spot: targetSpot, ...cardSize(target) };
    const forward = sourceSpot.x <= targetSpot.x;
    const start = port(forward ? a : b, 'right');
    const end = port(forward ? b : a, 'left');
    const [one, two] = bend(start, end);
    const id = `${from} ${to}`;
    return {
      id,
      from,
      to,
      path: `M${start.x} ${start.y}C${one.x} ${one.y} ${two.x} ${two.y} ${end.x} ${end.y}`,
      label: onCurve(start, one, two, end, forward ? LABEL_AT : 1 - LABEL_AT),
      width: thickness(rateOf.get(id)?.requestsPerSecond ?? 0),
      rates: rateOf.get(id),
    };
  });
}

/** Thickness grows with the square root: 100 times the rate is three and a half times as thick. */
export function thickness(requestsPerSecond: number): number {
  return Math.min(16, 2.5 + Math.sqrt(requestsPerSecond) * 0.9);
}

function onCurve(a: Spot, b: Spot, c: Spot, d: Spot, t: number): Spot {
  const u = 1 - t;
  const mix = (key: 'x' | 'y') =>
    u * u * u * a[key] + 3 * u * u * t * b[key] + 3 * u * t * t * c[key] + t * t * t * d[key];
  return { x: mix('x'), y: mix('y') };
}
