/** Names and numbers of the engine made ready for a sentence of the catalogue. */
import type { Values } from './catalogue.ts';

type Find = (key: string, values?: Values) => string | undefined;
type Details = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Values the engine names ("headers") become words where the catalogue has some. */
export function inWords(details: Details, find: Find): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      if (typeof value === 'object') return [name, value.join(', ')];
      return [name, find(`value.${name}.${value}`) ?? value];
    }),
  );
}

/** A sentence; names the engine did not give are left out, with the blanks around them. */
export function tell(key: string, details: Details, find: Find): string | undefined {
  return find(key, inWords(details, find))
    ?.replace(/\{\w+\}/g, '')
    .replace(/\( *\)/g, '')
    .replace(/[:,] *\./g, '.')
    .replace(/ +([,.:;])/g, '$1')
    .replace(/ {2,}/g, ' ')
    .trim()
    .replace(/[:,]$/, '');
}
