/** The whole mesh in view, with room for what lies on the stage above and below it. */
import type { Spot } from './layout.ts';
import { cardSize, type Workload } from './workloads.ts';

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Heights of what covers the stage at its rims: number board; lead, legend and buttons. */
export interface Rims {
  readonly above: number;
  readonly below: number;
}

const SCALE_MAX = 1.35;
const SIDE = 30;
/** Between the rims and the mesh. */
const AIR = 16;

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

export function fitInto(
  bounds: Bounds,
  width: number,
  height: number,
  rims: Rims,
): Spot & { k: number } {
  // On a small screen wide margins would leave nothing for the mesh.
  const share = Math.min(1, height / 640);
  const above = rims.above + AIR * share;
  const below = rims.below + AIR * share;
  const room = { width: width - 2 * SIDE * share, height: height - above - below };
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
