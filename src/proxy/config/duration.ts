/**
 * Models google.protobuf.Duration in JSON: "1.5s".
 *
 * Spec: https://protobuf.dev/reference/protobuf/google.protobuf/#duration
 */
import type { Micros } from '../../sim/time.ts';
import { ConfigError } from './config-error.ts';

const FORM = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

/** Microseconds of "1.5s"; nanoseconds below one microsecond are rounded. */
export function parseDuration(text: unknown, what: string): Micros {
  if (typeof text === 'object' && text !== null) return durationOfFields(text);
  const found = typeof text === 'string' ? FORM.exec(text) : null;
  if (!found) throw new ConfigError(`${what}: duration must end with a single 's'`);
  const [, sign, seconds = '0', fraction = ''] = found;
  const micros = Number(seconds) * 1_000_000 + Math.round(Number(fraction.padEnd(9, '0')) / 1000);
  return sign === '-' ? -micros : micros;
}

/** The message form, {seconds, nanos}, which Envoy's YAML loader takes, too. */
function durationOfFields(fields: { seconds?: unknown; nanos?: unknown }): Micros {
  return Number(fields.seconds ?? 0) * 1_000_000 + Math.round(Number(fields.nanos ?? 0) / 1000);
}
