/** A calm layered layout: callers left of whom they call, istiod above, nothing jumps. */
import { cardSize, type Workload } from './workloads.ts';

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Call {
  readonly from: string;
  readonly to: string;
}

/** Workloads behind one service stand in one column, even before all of them are called. */
export type Siblings = readonly (readonly string[])[];

const COLUMN_GAP = 128;
/** Room for one more pod in a card: it may come before the old one is gone. */
const ROW_GAP = 64;
const ISTIOD_GAP = 84;
const SWEEPS = 4;

/**
 * Left upper corners of all cards. Those in `kept` stay where they are; a newcomer takes the next
 * free place in its column.
 */
export function placeCards(
  workloads: readonly Workload[],
  calls: readonly Call[],
  siblings: Siblings,
  kept: ReadonlyMap<string, Spot>,
): ReadonlyMap<string, Spot> {
  const placed = workloads.filter((workload) => workload.kind !== 'istiod');
  const ranks = rankAll(placed, calls, siblings);
  const columns = toColumns(placed, ranks);
  orderColumns(columns, calls);
  const fresh = spotsOf(columns);
  const spots = keepPlaces(placed, fresh, kept);
  const istiod = workloads.find((workload) => workload.kind === 'istiod');
  if (istiod) spots.set(istiod.id, kept.get(istiod.id) ?? above(istiod, placed, spots));
  return spots;
}

/** Column numbers: 0 for what comes from outside, then one more than the farthest caller. */
export function rankAll(
  workloads: readonly Workload[],
  calls: readonly Call[],
  siblings: Siblings,
): ReadonlyMap<string, number> {
  const group = new Map<string, string>();
  for (const ids of siblings) for (const id of ids) group.set(id, group.get(id) ?? ids[0] ?? id);
  const groupOf = (id: string) => group.get(id) ?? id;
  const callees = new Map<string, Set<string>>();
  for (const { from, to } of calls) {
    const key = groupOf(from);
    if (key === groupOf(to)) continue;
    callees.set(key, (callees.get(key) ?? new Set()).add(groupOf(to)));
  }
  const called = new Set(calls.map(({ to }) => groupOf(to)));
  const groups = workloads.map(({ id }) => groupOf(id));
  const starts = [...groups.filter((id) => !called.has(id)), ...groups];
  const ranks = new Map<string, number>();
  const placed = new Set<string>();
  for (const id of callersFirst(starts, callees)) {
    const rank = ranks.get(id) ?? 0;
    ranks.set(id, rank);
    placed.add(id);
    for (const callee of callees.get(id) ?? []) {
      // A call back to somebody already placed closes a circle: it moves nobody.
      if (!placed.has(callee)) ranks.set(callee, Math.max(ranks.get(callee) ?? 0, rank + 1));
    }
  }
  const quiet = quietRank(workloads, calls, ranks);
  return new Map(
    workloads.map((workload) => [workload.id, quiet(workload, groupOf(workload.id))] as const),
  );
}

/** Every id after all its callers, as far as calls make no circle. */
function callersFirst(
  starts: readonly string[],
  callees: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const seen = new Set<string>();
  const finished: string[] = [];
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const callee of callees.get(id) ?? []) visit(callee);
    finished.push(id);
  };
  for (const id of starts) visit(id);
  return finished.reverse();
}

/** A workload that neither calls nor is called stands beyond the others, not among the callers. */
function quietRank(
  workloads: readonly Workload[],
  calls: readonly Call[],
  ranks: ReadonlyMap<string, number>,
): (workload: Workload, group: string) => number {
  const busy = new Set(calls.flatMap(({ from, to }) => [from, to]));
  const last = Math.max(0, ...workloads.map(({ id }) => ranks.get(id) ?? 0));
  return ({ id, kind }, group) => {
    const rank = ranks.get(group) ?? 0;
    if (rank > 0 || busy.has(id) || busy.has(group)) return rank;
    return kind === 'application' ? Math.max(1, last) : rank;
  };
}

function toColumns(
  workloads: readonly Workload[],
  ranks: ReadonlyMap<string, number>,
): Workload[][] {
  const columns: Workload[][] = [];
  for (const workload of workloads) {
    const rank = ranks.get(workload.id) ?? 0;
    (columns[rank] ??= []).push(workload);
  }
  return columns.filter((column) => column !== undefined);
}

/** Fewer crossings: each column is sorted by the mean place of its neighbours, back and forth. */
function orderColumns(columns: Workload[][], calls: readonly Call[]): void {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of calls) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const place = new Map<string, number>();
    for (const column of columns) {
      column.forEach(({ id }, index) => place.set(id, (index + 0.5) / column.length));
    }
    const mean = (id: string) => {
      const places = (neighbours.get(id) ?? []).map((other) => place.get(other) ?? 0.5);
      return places.length === 0
        ? (place.get(id) ?? 0.5)
        : places.reduce((sum, value) => sum + value, 0) / places.length;
    };
    for (const column of columns) {
      column.sort((a, b) => mean(a.id) - mean(b.id) || a.id.localeCompare(b.id));
    }
  }
}

function spotsOf(columns: readonly (readonly Workload[])[]): Map<string, Spot> {
  const spots = new Map<string, Spot>();
  let x = 0;
  for (const column of columns) {
    const sizes = column.map(cardSize);
    const height = sizes.reduce((sum, size) => sum + size.height + ROW_GAP, -ROW_GAP);
    let y = -height / 2;
    column.forEach(({ id }, index) => {
      spots.set(id, { x, y });
      y += (sizes[index]?.height ?? 0) + ROW_GAP;
    });
    x += Math.max(...sizes.map((size) => size.width)) + COLUMN_GAP;
  }
  return spots;
}

function keepPlaces(
  workloads: readonly Workload[],
  fresh: ReadonlyMap<string, Spot>,
  kept: ReadonlyMap<string, Spot>,
): Map<string, Spot> {
  const spots = new Map<string, Spot>();
  for (const { id } of workloads) {
    const spot = kept.get(id);
    if (spot) spots.set(id, spot);
  }
  for (const workload of workloads) {
    if (spots.has(workload.id)) continue;
    const wanted = fresh.get(workload.id) ?? { x: 0, y: 0 };
    spots.set(workload.id, kept.size === 0 ? wanted : freeSpot(workload, wanted, workloads, spots));
  }
  return spots;
}

/** Down from the wanted place until no card is in the way. */
function freeSpot(
  workload: Workload,
  wanted: Spot,
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
): Spot {
  const size = cardSize(workload);
  let y = wanted.y;
  for (let moved = true; moved;) {
    moved = false;
    for (const other of workloads) {
      const spot = spots.get(other.id);
      if (!spot) continue;
      const taken = cardSize(other);
      const apart =
        spot.x + taken.width <= wanted.x ||
        wanted.x + size.width <= spot.x ||
        spot.y + taken.height <= y ||
        y + size.height <= spot.y;
      if (apart) continue;
      y = spot.y + taken.height + ROW_GAP;
      moved = true;
    }
  }
  return { x: wanted.x, y };
}

function above(
  istiod: Workload,
  workloads: readonly Workload[],
  spots: ReadonlyMap<string, Spot>,
): Spot {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  for (const workload of workloads) {
    const spot = spots.get(workload.id);
    if (!spot) continue;
    left = Math.min(left, spot.x);
    right = Math.max(right, spot.x + cardSize(workload).width);
    top = Math.min(top, spot.y);
  }
  const size = cardSize(istiod);
  if (left > right) return { x: -size.width / 2, y: -size.height / 2 };
  return { x: (left + right - size.width) / 2, y: top - ISTIOD_GAP - size.height };
}
