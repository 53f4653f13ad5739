/** Models timestamps in metadata and status: RFC 3339 with whole seconds, of virtual time. */
import { EPOCH_MS, isoTimestamp, type Micros } from '../../sim/time.ts';

export function timestamp(time: Micros): string {
  return `${isoTimestamp(time).slice(0, 19)}Z`;
}

/** Virtual time of a timestamp; undefined when it is none. May be negative: before the run. */
export function timeOf(text: string | undefined): Micros | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?Z$/.exec(text ?? '');
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    ...[number, number, number, number, number, number],
  ];
  const fraction = Number((found[7] ?? '').padEnd(6, '0'));
  const seconds = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return (seconds * 1000 - EPOCH_MS) * 1000 + fraction;
}

/** Days since 1970-01-01 (Howard Hinnant's algorithm). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
