/**
 * Models Go's durations as text: "1.5s", "50ms", "1m30s".
 *
 * Spec: package time, ParseDuration and Duration.String. Simplified: microseconds are the smallest
 * unit.
 */
import { HOUR, MINUTE, MS, SECOND, type Micros } from '../sim/time.ts';

const UNITS: Readonly<Record<string, Micros>> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  ms: MS,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

/** Microseconds; undefined when the text is no duration. */
export function parseDuration(text: string): Micros | undefined {
  if (text === '0') return 0;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    if (match.index !== end) return undefined;
    total += Number(match[1]) * UNITS[match[2]!]!;
    end = match.index + match[0].length;
  }
  return end === text.length && end > 0 ? Math.round(total) : undefined;
}

/** As Go prints it: "0s", "250µs", "1.5ms", "2.25s", "1m30s". */
export function durationText(duration: Micros): string {
  if (duration === 0) return '0s';
  if (duration < MS) return `${duration}µs`;
  if (duration < SECOND) return `${duration / MS}ms`;
  const seconds = `${(duration % MINUTE) / SECOND}s`;
  if (duration < MINUTE) return seconds;
  const minutes = `${Math.floor((duration % HOUR) / MINUTE)}m${seconds}`;
  return duration < HOUR ? minutes : `${Math.floor(duration / HOUR)}h${minutes}`;
}
