/** A dial of 0 to 100 over a range too wide for a straight scale. */
import type { LoadSource } from '../../protocol/scene.ts';

type Kind = LoadSource['model']['kind'];
const TOP: Readonly<Record<Kind, number>> = { open: 2000, closed: 200 };

/** The dial squares and squares again: half way is a sixteenth of the top. */
export function fromDial(dial: number, kind: Kind): number {
  const share = dial / 100;
  const amount = share * share * share * share * TOP[kind];
  return kind === 'closed' ? Math.round(amount) : twoDigits(amount);
}

export function toDial(amount: number, kind: Kind): number {
  return Math.round(Math.sqrt(Math.sqrt(Math.min(1, amount / TOP[kind]))) * 100);
}

export function amountOf({ model }: LoadSource): number {
  return model.kind === 'open' ? model.ratePerSecond : model.connections;
}

export function withAmount(source: LoadSource, amount: number): LoadSource {
  const { model } = source;
  if (model.kind === 'open') return { ...source, model: { ...model, ratePerSecond: amount } };
  return { ...source, model: { ...model, connections: amount } };
}

function twoDigits(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(2));
}
