/** Pins that would lie on one another are gathered into one. */
import type { Pin } from '../../protocol/frame.ts';

export interface PinGroup {
  readonly timeUs: number;
  /** Place on the strip, 0 to 1. */
  readonly share: number;
  /** The gravest kind of the group: it gives name and tone. */
  readonly kind: Pin['kind'];
  readonly tone: 'bad' | 'push' | 'plain';
  readonly pins: readonly Pin[];
  /** There is room for its name. */
  readonly named: boolean;
}

const TOGETHER_PX = 14;
/** Many pushes in a row say no more than one. */
const PUSHES_TOGETHER_PX = 40;
const PUSHES_MANY = 24;
const NAME_PX = 62;
const GRAVITY: readonly Pin['kind'][] = [
  'alarm',
  'nack',
  'fault',
  'ejected',
  'fault-ended',
  'apply',
  'unejected',
  'pod',
  'exec',
  'push',
];
const BAD: ReadonlySet<Pin['kind']> = new Set(['alarm', 'nack', 'fault', 'ejected']);

export function gatherPins(
  pins: readonly Pin[],
  startUs: number,
  spanUs: number,
  widthPx: number,
): readonly PinGroup[] {
  const gathered: Pin[][] = [];
  const manyPushes = pins.filter(({ kind }) => kind === 'push').length > PUSHES_MANY;
  for (const pin of pins) {
    const group = gathered.at(-1);
    const since = pin.timeUs - (group?.[0]?.timeUs ?? -Infinity);
    const calm = manyPushes && pin.kind === 'push' && group?.every(({ kind }) => kind === 'push');
    const togetherPx = calm ? PUSHES_TOGETHER_PX : TOGETHER_PX;
    if (group && (since / spanUs) * widthPx < togetherPx) group.push(pin);
    else gathered.push([pin]);
  }
  let lastNamedPx = -Infinity;
  return gathered.map((group) => {
    const kind = gravest(group);
    const timeUs = group[0]?.timeUs ?? 0;
    const share = Math.max(0, (timeUs - startUs) / spanUs);
    const atPx = share * widthPx;
    const named = atPx - lastNamedPx >= NAME_PX && kind !== 'push';
    if (named) lastNamedPx = atPx;
    const tone = BAD.has(kind) ? 'bad' : kind === 'push' ? 'push' : 'plain';
    return { timeUs, share, kind, tone, pins: group, named };
  });
}

function gravest(pins: readonly Pin[]): Pin['kind'] {
  return GRAVITY.find((kind) => pins.some((pin) => pin.kind === kind)) ?? 'push';
}
