/**
 * A duration as Istio's API spells it in JSON: decimal numbers with units ("1.5s", "1h2m", "300ms").
 * Spec: https://protobuf.dev/programming-guides/json/ (and Go's time.ParseDuration, which istiod
 * uses to read it)
 */
export type DurationString = string;

const NANOSECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds of a duration, or undefined where Go's time.ParseDuration would refuse the text. */
export function durationNanoseconds(text: DurationString): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (body === '') return undefined;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < body.length) {
    const part = PART.exec(body);
    if (!part) return undefined;
    total += Number(part[1]) * (NANOSECONDS_PER_UNIT[part[2] ?? ''] ?? 0);
  }
  return sign * Math.trunc(total);
}

/** Whole microseconds of a duration the schema has accepted; undefined stays undefined. */
export function durationUs(text: DurationString): number;
export function durationUs(text: DurationString | undefined): number | undefined;
export function durationUs(text: DurationString | undefined): number | undefined {
  if (text === undefined) return undefined;
  const nanoseconds = durationNanoseconds(text);
  if (nanoseconds === undefined) throw new Error(`not a duration: "${text}"`);
  return Math.trunc(nanoseconds / 1e3);
}
