/**
 * Models the layout of `kubectl describe`: keys and values in aligned, indented blocks.
 *
 * Spec: k8s.io/kubectl/pkg/describe. Simplified: a block is aligned by itself.
 */
import { timeOf } from '../../../kube/api/timestamp.ts';
import type { Condition, ObjectMeta, StringMap } from '../../../kube/objects/metadata.ts';
import { EPOCH_MS, SECOND } from '../../../sim/time.ts';
import { alignColumns } from '../table.ts';

/** A key with one value, several (one a line), or a block below it. */
export type Field = readonly [key: string, value: string | readonly string[] | Block];
export interface Block {
  readonly lines: readonly string[];
}

/** Lines of "Key:  value", values in one column. */
export function block(fields: readonly Field[], indent = 0): string[] {
  const isPlain = (value: Field[1]) => typeof value === 'string' || Array.isArray(value);
  const widths = fields.filter(([, value]) => isPlain(value)).map(([key]) => key.length + 1);
  const width = Math.max(0, ...widths) + 2;
  const margin = ' '.repeat(indent);
  return fields.flatMap(([key, value]) => {
    if (typeof value === 'string') return [margin + `${key}:`.padEnd(width) + value];
    if ('lines' in value) return [`${margin}${key}:`, ...value.lines];
    const [first = '<none>', ...rest] = value;
    const more = rest.map((line) => margin + ' '.repeat(width) + line);
    return [margin + `${key}:`.padEnd(width) + first, ...more];
  });
}

/** "app=web", one a line; "<none>" without any. */
export function pairs(map: StringMap | undefined, separator = '='): readonly string[] {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}${separator}${value}`);
}

export function heading(metadata: ObjectMeta): Field[] {
  return [
    ['Name', metadata.name],
    ...(metadata.namespace ? [['Namespace', metadata.namespace] as const] : []),
  ];
}

export function conditionLines(
  conditions: readonly Condition[] | undefined,
  withReason: boolean,
): Block {
  const rows = (conditions ?? []).map(({ type, status, reason = '' }) =>
    withReason ? [type, status, reason] : [type, status],
  );
  const titles = withReason ? ['Type', 'Status', 'Reason'] : ['Type', 'Status'];
  const rules = withReason ? ['----', '------', '------'] : [];
  const table = alignColumns([titles, ...(withReason ? [rules] : []), ...rows], 2);
  return { lines: table.split('\n').map((line) => `  ${line}`) };
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** "Thu, 01 Jan 2026 00:00:00 +0000" of an RFC 3339 timestamp. */
export function longDate(text: string | undefined): string {
  const time = timeOf(text);
  if (time === undefined || text === undefined) return '<unset>';
  const days = Math.floor((time / SECOND + EPOCH_MS / 1000) / 86_400);
  const month = MONTHS[Number(text.slice(5, 7)) - 1];
  const weekday = DAYS[((days % 7) + 7) % 7];
  return `${weekday}, ${text.slice(8, 10)} ${month} ${text.slice(0, 4)} ${text.slice(11, 19)} +0000`;
}
