/** Models virtual time: integer microseconds since the start of a run. */

export type Micros = number;

export const MS: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;

/**
 * The wall-clock instant that virtual time zero stands for (2026-01-01T00:00:00Z), in milliseconds
 * since the Unix epoch. Certificates, creationTimestamps and access logs are dated from it.
 */
export const EPOCH_MS = 1_767_225_600_000;

/** Milliseconds since the Unix epoch of a virtual instant. */
export function wallClockMs(time: Micros): number {
  return EPOCH_MS + Math.floor(time / MS);
}

/** An RFC 3339 timestamp with milliseconds, e.g. "2026-01-01T00:00:12.345Z". */
export function isoTimestamp(time: Micros): string {
  return isoOfEpochMs(wallClockMs(time));
}

/** RFC 3339 of milliseconds since the Unix epoch; the civil-from-days algorithm, no `Date`. */
export function isoOfEpochMs(epochMs: number): string {
  const days = Math.floor(epochMs / 86_400_000);
  const ms = epochMs - days * 86_400_000;
  const { year, month, day } = civilFromDays(days);
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  const clock = `${pad(Math.floor(ms / 3_600_000), 2)}:${pad(Math.floor(ms / 60_000) % 60, 2)}`;
  const seconds = `${pad(Math.floor(ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}:${seconds}Z`;
}

/** Year, month (1-12) and day of a count of days since 1970-01-01 (Howard Hinnant's algorithm). */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
  };
}
