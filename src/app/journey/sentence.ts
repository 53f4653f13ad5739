/** Steps of a journey as sentences of the catalogue. */
import type { Journey, JourneyStep } from '../../protocol/journey.ts';
import type { Words } from '../state/words.svelte.ts';

type Details = JourneyStep['details'];

export interface ToldStep {
  readonly sentence: string;
  /** What the sentence leaves out: names and values. */
  readonly rest: readonly (readonly [string, string])[];
  readonly tone: 'plain' | 'quiet' | 'bad';
}

const QUIET = new Set(['route-not-matched', 'http-filter', 'connection-reused']);
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
  const values = { ...plainValues(step.details, words), resource: step.resource?.name ?? '' };
  const template = words.find(`step.${step.code}`) ?? step.code;
  const sentence = words.find(`step.${step.code}`, values) ?? step.code;
  const used = new Set([...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const rest = Object.entries(values)
    .filter(([name, value]) => !used.has(name) && value !== '')
    .map(([name, value]) => [name, String(value)] as const);
  return { sentence: tidy(sentence), rest, tone: toneOf(step) };
}

/** Names a step did not give are left out, with the blanks around them. */
function tidy(sentence: string): string {
  return sentence
    .replace(/\{\w+\}/g, '')
    .replace(/\( *\)/g, '')
    .replace(/[:,] *\./g, '.')
    .replace(/ +([,.:;])/g, '$1')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Values the engine names ("headers") become words where the catalogue has some. */
function plainValues(
  details: Details,
  words: Pick<Words, 'find'>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      if (typeof value === 'object') return [name, value.join(', ')];
      return [name, words.find(`value.${name}.${value}`) ?? value];
    }),
  );
}

function toneOf({ code, details }: JourneyStep): ToldStep['tone'] {
  if (BAD.has(code)) return 'bad';
  if (code === 'response' && Number(details['status'] ?? 0) >= 500) return 'bad';
  return QUIET.has(code) ? 'quiet' : 'plain';
}

/** The whole journey as text, for a message to a colleague. */
export function journeyText(journey: Journey, words: Pick<Words, 'find'>): string {
  const status = journey.status === undefined ? '…' : journey.status;
  const head = `${journey.method} ${journey.url}  ${status} ${journey.flags.join(',')}`;
  const steps = journey.steps.map((step) => {
    const at = ((step.timeUs - journey.startUs) / 1000).toFixed(3).padStart(10);
    const place = step.yaml ? `  (${step.yaml.path}:${step.yaml.line})` : '';
    return `${at} ms  ${step.at}  ${tellStep(step, words).sentence}${place}`;
  });
  return [head, ...steps, ...journey.accessLog.map(({ pod, line }) => `${pod}  ${line}`)].join(
    '\n',
  );
}
