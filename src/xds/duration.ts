/**
 * Models durations as proto3 JSON writes them ("1.5s") and converts them to microseconds.
 *
 * Spec: protobuf, google/protobuf/duration.proto, "JSON Mapping". Simplified: nanoseconds below a
 * microsecond are rounded away.
 */
import { SECOND, type Micros } from '../sim/time.ts';

/** "1.5s", "0.025s", "-3s": decimal seconds with at most nine fraction digits. */
export type Duration = string;

const PATTERN = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

/** Microseconds of a duration; undefined when the text is none. */
export function parseDuration(text: Duration): Micros | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, sign, seconds = '0', fraction = ''] = match;
  const us = Number(seconds) * SECOND + Math.round(Number(fraction.padEnd(9, '0')) / 1000);
  return sign === '-' && us !== 0 ? -us : us;
}

/** Microseconds of a duration that was validated before; `fallback` when there is none. */
export function durationUs<F extends Micros | undefined>(
  text: Duration | undefined,
  fallback: F,
): Micros | F {
  if (text === undefined) return fallback;
  return parseDuration(text) ?? fallback;
}

/** The canonical text: no fraction or 3 or 6 digits of it, as Go and C++ print it. */
export function printDuration(us: Micros): Duration {
  const size = Math.abs(us);
  const seconds = Math.floor(size / SECOND);
  const micros = size % SECOND;
  const sign = us < 0 ? '-' : '';
  if (micros === 0) return `${sign}${seconds}s`;
  const digits = String(micros).padStart(6, '0');
  return `${sign}${seconds}.${micros % 1000 === 0 ? digits.slice(0, 3) : digits}s`;
}
