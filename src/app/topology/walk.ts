/** Arrow keys on the graph: the nearest thing in that direction. */
import type { Spot } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

export const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** Sideways distance counts more than distance ahead, so that a walk keeps its line. */
const SIDEWAYS_WEIGHT = 2.5;

export function nextInDirection(
  places: ReadonlyMap<string, Spot>,
  from: string,
  direction: Direction,
): string | undefined {
  const here = places.get(from);
  if (!here) return undefined;
  let best: string | undefined;
  let bestCost = Infinity;
  for (const [id, there] of places) {
    const dx = there.x - here.x;
    const dy = there.y - here.y;
    const [ahead, aside] = aheadAndAside(direction, dx, dy);
    if (id === from || ahead <= 1) continue;
    const cost = ahead + Math.abs(aside) * SIDEWAYS_WEIGHT;
    if (cost >= bestCost) continue;
    bestCost = cost;
    best = id;
  }
  return best;
}

function aheadAndAside(direction: Direction, dx: number, dy: number): [number, number] {
  switch (direction) {
    case 'left':
      return [-dx, dy];
    case 'right':
      return [dx, dy];
    case 'up':
      return [-dy, dx];
    case 'down':
      return [dy, dx];
  }
}
