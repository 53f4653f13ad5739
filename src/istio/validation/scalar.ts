/** Small values that many kinds share: durations, ports, percentages. */
import { durationNanoseconds } from '../kinds/duration.ts';
import type { Percent } from '../kinds/destination.ts';
import { goFloat } from './go-format.ts';

const NANOSECONDS_PER_MS = 1e6;
const PORT_MAX = 65_535;

/** At least a millisecond, whole milliseconds; an absent duration is fine. */
export function durationProblem(text: string | undefined | null): string | undefined {
  if (text === undefined || text === null) return undefined;
  const nanoseconds = durationNanoseconds(text);
  if (nanoseconds === undefined) return `bad Duration: time: invalid duration "${text}"`;
  if (nanoseconds < NANOSECONDS_PER_MS) return 'duration must be greater than 1ms';
  if (nanoseconds % NANOSECONDS_PER_MS !== 0) return 'only durations to ms precision are supported';
  return undefined;
}

export function portProblem(port: number): string | undefined {
  return port >= 1 && port <= PORT_MAX
    ? undefined
    : `port number ${port} must be in the range 1..${PORT_MAX}`;
}

export function wholePercentProblem(percent = 0): string | undefined {
  return percent < 0 || percent > 100 ? `percentage ${percent} is not in range 0..100` : undefined;
}

export function fractionalPercentProblem(percent: Percent | undefined): string | undefined {
  const value = percent?.value ?? 0;
  if (value >= 0 && value <= 100 && (value === 0 || value >= 0.0001)) return undefined;
  return `percentage ${goFloat(value)} is neither 0.0, nor in range [0.0001, 100.0]`;
}
