/**
 * Models the AGE column: "5s", "2m30s", "3h", "2d".
 *
 * Spec: k8s.io/apimachinery/pkg/util/duration HumanDuration
 */
import { timeOf } from '../../../kube/api/timestamp.ts';
import { SECOND, type Micros } from '../../../sim/time.ts';

/** How long ago a timestamp was; "<unknown>" without one. */
export function age(now: Micros, createdAt: string | undefined): string {
  const since = timeOf(createdAt);
  return since === undefined ? '<unknown>' : humanDuration(Math.max(0, now - since));
}

export function humanDuration(duration: Micros): string {
  const seconds = Math.floor(duration / SECOND);
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return both(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? both(years, 'y', days % 365, 'd') : `${years}y`;
}

function both(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
