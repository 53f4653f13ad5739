/** Steps of a journey as sentences of the catalogue. */
import type { Journey, JourneyStep } from '../../protocol/journey.ts';
import type { Words } from '../state/words.svelte.ts';
import { inWords, tell } from '../words/details.ts';

export interface ToldStep {
  readonly sentence: string;
  /** What the sentence leaves out: names and values. */
  readonly rest: readonly (readonly [string, string])[];
  readonly tone: 'plain' | 'quiet' | 'bad';
}

/** What happens to every request: it is told, but decides nothing. */
const QUIET = new Set([
  'connection-accepted',
  'filter-chain-matched',
  'route-not-matched',
  'attempt-started',
  'connection-reused',
]);
const BAD = new Set([
  'listener-not-found',
  'filter-chain-not-found',
  'tls-failed',
  'virtual-host-not-found',
  'route-not-found',
  'cluster-not-found',
  'no-healthy-upstream',
  'overflow',
  'connection-failed',
  'attempt-failed',
  'retry-refused',
  'timeout',
  'local-reply',
]);

export function tellStep(step: JourneyStep, words: Pick<Words, 'find'>): ToldStep {
  const { find } = words;
  const resource = step.resource?.name ?? String(step.details['cluster'] ?? '');
  const details = { ...step.details, resource };
  const key = `step.${step.code}`;
  const named = new Set([...(find(key) ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const rest = Object.entries(inWords(details, find))
    .filter(([name, value]) => !named.has(name) && value !== '')
    .map(([name, value]) => [name, String(value)] as const);
  return { sentence: tell(key, details, find) ?? step.code, rest, tone: toneOf(step) };
}

function toneOf({ code, details }: JourneyStep): ToldStep['tone'] {
  if (BAD.has(code)) return 'bad';
  if (code === 'response' && Number(details['status'] ?? 0) >= 500) return 'bad';
  return QUIET.has(code) ? 'quiet' : 'plain';
}

/** Response flags; where nothing was logged, those of the first proxy's answer. */
export function flagsOf(journey: Journey): readonly string[] {
  if (journey.flags.length > 0) return journey.flags;
  const flags = journey.steps.find(({ code }) => code === 'response')?.details['flags'];
  return typeof flags === 'object' ? flags : [];
}

/** The whole journey as text, for a message to a colleague. */
export function journeyText(journey: Journey, words: Pick<Words, 'find'>): string {
  const status = journey.status === undefined ? '…' : journey.status;
  const head = `${journey.method} ${journey.url}  ${status} ${flagsOf(journey).join(',')}`;
  const steps = journey.steps.map((step) => {
    const at = ((step.timeUs - journey.startUs) / 1000).toFixed(3).padStart(10);
    const place = step.yaml ? `  (${step.yaml.path}:${step.yaml.line})` : '';
    return `${at} ms  ${step.at}  ${tellStep(step, words).sentence}${place}`;
  });
  return [head, ...steps, ...journey.accessLog.map(({ pod, line }) => `${pod}  ${line}`)].join(
    '\n',
  );
}
