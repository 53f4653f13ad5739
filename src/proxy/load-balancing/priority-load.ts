/**
 * Models how traffic divides over priorities by health, and when a priority panics.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
 */

/** Hosts of a priority, counted (or their weights summed up). */
export interface PriorityHealth {
  readonly total: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly excluded: number;
  /** Weights instead of counts, with weighted_priority_health. */
  readonly weights?:
    { readonly total: number; readonly healthy: number; readonly degraded: number } | undefined;
  /** In percent, 140 by default. */
  readonly overprovisioningFactor: number;
}

export interface PriorityLoad {
  /** Percent of the traffic for the healthy hosts of each priority. */
  readonly healthy: number[];
  readonly degraded: number[];
  readonly panic: boolean[];
}

/**
 * Divides 100 percent over the priorities. `panicThreshold` is in percent; 0 turns panic off. A
 * priority in `avoid` counts as having no available host, unless that leaves none at all.
 */
export function priorityLoad(
  priorities: readonly PriorityHealth[],
  panicThreshold: number,
  avoid: readonly number[] = [],
): PriorityLoad {
  let health = priorities.map((priority) => availability(priority, 'healthy'));
  let degraded = priorities.map((priority) => availability(priority, 'degraded'));
  if (avoid.length > 0) {
    const without = (percents: number[]) =>
      percents.map((percent, priority) => (avoid.includes(priority) ? 0 : percent));
    if (sum(without(health)) + sum(without(degraded)) > 0) {
      health = without(health);
      degraded = without(degraded);
    }
  }
  const normalized = Math.min(100, sum(health) + sum(degraded));
  const load = normalized === 0 ? nothing(priorities) : distribute(health, degraded, normalized);
  if (panicThreshold === 0 && normalized === 0) {
    // Somebody must get the traffic; that nobody there is healthy is found out later.
    if (priorities.length > 0) load.healthy[0] = 100;
    return load;
  }
  for (let i = 0; i < priorities.length; i++)
    load.panic[i] = normalized < 100 && isInPanic(priorities[i]!, panicThreshold);
  return load.panic.every(Boolean) ? loadInTotalPanic(priorities, load.panic) : load;
}

export function isInPanic(priority: PriorityHealth, panicThreshold: number): boolean {
  const hosts = priority.total - priority.excluded;
  const available = priority.healthy + priority.degraded;
  return (hosts === 0 ? 0 : (100 * available) / hosts) < Math.min(100, panicThreshold);
}

function availability(priority: PriorityHealth, kind: 'healthy' | 'degraded'): number {
  const hosts = priority.total - priority.excluded;
  if (hosts <= 0) return 0;
  const of = priority.weights ? priority.weights[kind] : priority[kind];
  const total = priority.weights ? priority.weights.total : hosts;
  if (total === 0) return 0;
  return Math.min(100, Math.floor((priority.overprovisioningFactor * of) / total));
}

function distribute(health: number[], degraded: number[], normalized: number): PriorityLoad {
  let remaining = 100;
  const share = (percent: number) => {
    const part = Math.min(remaining, Math.floor((percent * 100) / normalized));
    remaining -= part;
    return part;
  };
  const load = {
    healthy: health.map(share),
    degraded: degraded.map(share),
    panic: health.map(() => false),
  };
  if (remaining > 0) {
    // What rounding left goes to the first priority that has anybody.
    const firstHealthy = health.findIndex((percent) => percent > 0);
    if (firstHealthy >= 0) load.healthy[firstHealthy]! += remaining;
    else load.degraded[degraded.findIndex((percent) => percent > 0)]! += remaining;
  }
  return load;
}

function loadInTotalPanic(priorities: readonly PriorityHealth[], panic: boolean[]): PriorityLoad {
  const hosts = sum(priorities.map(({ total }) => total));
  const load = nothing(priorities);
  load.panic.splice(0, panic.length, ...panic);
  if (priorities.length === 0) return load;
  if (hosts === 0) {
    load.healthy[0] = 100;
    return load;
  }
  let remaining = 100;
  priorities.forEach(({ total }, i) => {
    load.healthy[i] = Math.floor((100 * total) / hosts);
    remaining -= load.healthy[i]!;
  });
  load.healthy[priorities.findIndex(({ total }) => total > 0)]! += remaining;
  return load;
}

function nothing(priorities: readonly PriorityHealth[]): PriorityLoad {
  return {
    healthy: priorities.map(() => 0),
    degraded: priorities.map(() => 0),
    panic: priorities.map(() => false),
  };
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
}
