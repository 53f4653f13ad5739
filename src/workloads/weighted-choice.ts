/**
 * Models the small language in which echo servers are told statuses and delays with chances:
 * "503", "200:90,503:10", "10ms:50,1s:5".
 *
 * Spec: fortio's echo (?status=503:10,400:5: the rest is 200) and httpbin (/status/200:0.9,500:0.1:
 * relative weights).
 */
import type { RandomStream } from '../sim/random.ts';

/** One of the alternatives by relative weight, as /status/ of httpbin takes them. */
export function weightedStatus(text: string, random: RandomStream): number | undefined {
  const items = text.split(',').map((item) => item.split(':'));
  const choices = items.map(([status, weight]) => ({
    status: Number(status),
    weight: weight === undefined ? 1 : Number(weight),
  }));
  const isValid = ({ status, weight }: { status: number; weight: number }): boolean =>
    Number.isInteger(status) && status >= 100 && status <= 599 && weight >= 0;
  if (!choices.every(isValid)) return undefined;
  if (choices.length === 1) return choices[0]!.status;
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const { status, weight } of choices) if ((left -= weight) < 0) return status;
  return choices[choices.length - 1]!.status;
}

/** One of the alternatives by percentages, undefined for what is left over of a hundred. */
export function percentChoice(text: string, random: RandomStream): string | undefined {
  if (!text.includes(':')) return text === '' ? undefined : text;
  let left = random.fraction() * 100;
  for (const item of text.split(',')) {
    const at = item.lastIndexOf(':');
    left -= at < 0 ? 100 : Number(item.slice(at + 1));
    if (left < 0) return at < 0 ? item : item.slice(0, at);
  }
  return undefined;
}
