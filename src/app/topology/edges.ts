/** Edges as they are drawn: a curve, a thickness for the rate, a text, a lock. */
import type { EdgeRates } from '../../protocol/frame.ts';
import type { Call, Spot } from './layout.ts';
import { bend, cardBox, port } from './tracks.ts';
import type { Workload } from './workloads.ts';

export interface DrawnEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly label: Spot;
  readonly width: number;
  readonly rates: EdgeRates | undefined;
}

/** Of two edges between the same cards the one that runs back is labelled below the other. */
const LABEL_BACK_DROP = 46;
/** The text stands astride the line, so far from the card. */
const LABEL_FROM_CARD = 56;

export function drawEdges(
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
  calls: readonly Call[],
  rates: readonly EdgeRates[],
): readonly DrawnEdge[] {
  const byId = new Map(workloads.map((workload) => [workload.id, workload]));
  const rateOf = new Map(rates.map((edge) => [`${edge.from} ${edge.to}`, edge]));
  const fans = countFans(calls);
  const both = new Set(calls.map(({ from, to }) => `${to} ${from}`));
  return calls.flatMap(({ from, to }) => {
    const source = byId.get(from);
    const target = byId.get(to);
    const sourceSpot = spots.get(from);
    const targetSpot = spots.get(to);
    if (!source || !target || !sourceSpot || !targetSpot || from === to) return [];
    const a = cardBox(source, sourceSpot);
    const b = cardBox(target, targetSpot);
    const forward = sourceSpot.x <= targetSpot.x;
    const start = port(forward ? a : b, 'right');
    const end = port(forward ? b : a, 'left');
    const [one, two] = bend(start, end);
    const id = `${from} ${to}`;
    const label = labelSpot(start, end, fans.out(from), fans.into(to), forward);
    const drop = !forward && both.has(id) ? LABEL_BACK_DROP : 0;
    return {
      id,
      from,
      to,
      path: `M${start.x} ${start.y}C${one.x} ${one.y} ${two.x} ${two.y} ${end.x} ${end.y}`,
      label: { x: label.x, y: label.y + drop },
      width: thickness(rateOf.get(id)?.requestsPerSecond ?? 0),
      rates: rateOf.get(id),
    };
  });
}

/** Thickness grows with the square root: 100 times the rate is three and a half times as thick. */
export function thickness(requestsPerSecond: number): number {
  return Math.min(16, 2.5 + Math.sqrt(requestsPerSecond) * 0.9);
}

function countFans(calls: readonly Call[]) {
  const count = (key: 'from' | 'to') => {
    const counts = new Map<string, number>();
    for (const call of calls) counts.set(call[key], (counts.get(call[key]) ?? 0) + 1);
    return (id: string) => counts.get(id) ?? 0;
  };
  return { out: count('from'), into: count('to') };
}

/** Where the line is alone: at its target when its source fans out, else at its source. */
function labelSpot(start: Spot, end: Spot, out: number, into: number, forward: boolean): Spot {
  const atEnd = { x: end.x - LABEL_FROM_CARD, y: end.y };
  const atStart = { x: start.x + LABEL_FROM_CARD, y: start.y };
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  if (out > 1 && into > 1) return middle;
  if (out === 1 && into === 1 && end.x - start.x < 4 * LABEL_FROM_CARD) return middle;
  return out > 1 === forward ? atEnd : atStart;
}
