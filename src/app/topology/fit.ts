/** The whole mesh in view, with room for the number board above and the legend below. */
import type { Spot } from './layout.ts';
import { cardSize, type Workload } from './workloads.ts';

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const SCALE_MAX = 1.35;
const SIDE = 30;
const ABOVE = 84;
const BELOW = 72;

export function boundsOf(
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
): Bounds | undefined {
  let bounds: Bounds | undefined;
  for (const workload of workloads) {
    const spot = spots.get(workload.id);
    if (!spot) continue;
    const { width, height } = cardSize(workload);
    bounds = {
      left: Math.min(bounds?.left ?? Infinity, spot.x),
      top: Math.min(bounds?.top ?? Infinity, spot.y),
      right: Math.max(bounds?.right ?? -Infinity, spot.x + width),
      bottom: Math.max(bounds?.bottom ?? -Infinity, spot.y + height),
    };
  }
  return bounds;
}

export function fitInto(bounds: Bounds, width: number, height: number): Spot & { k: number } {
  // On a small screen margins would leave nothing for the mesh.
  const share = Math.min(1, height / 640);
  const above = ABOVE * share;
  const room = { width: width - 2 * SIDE * share, height: height - above - BELOW * share };
  const size = { width: bounds.right - bounds.left, height: bounds.bottom - bounds.top };
  const k = Math.max(
    0.12,
    Math.min(
      SCALE_MAX,
      room.width / Math.max(1, size.width),
      room.height / Math.max(1, size.height),
    ),
  );
  return {
    k,
    x: (width - size.width * k) / 2 - bounds.left * k,
    y: above + (room.height - size.height * k) / 2 - bounds.top * k,
  };
}
