/** Models how programs read their settings from environment variables: text with a default. */
import type { Micros } from '../sim/time.ts';
import { parseDuration } from './go-duration.ts';

export class Environment {
  readonly #values: ReadonlyMap<string, string>;
  readonly #complain: (line: string) => void;

  constructor(values: ReadonlyMap<string, string>, complain: (line: string) => void) {
    this.#values = values;
    this.#complain = complain;
  }

  text(name: string, otherwise: string): string {
    const value = this.#values.get(name);
    return value === undefined || value === '' ? otherwise : value;
  }

  list(name: string): string[] {
    return this.text(name, '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  number(name: string, otherwise: number): number {
    const text = this.text(name, '');
    if (text === '') return otherwise;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    this.#complain(`${name}="${text}" is no number; ${otherwise} is used`);
    return otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name, '').toLowerCase();
    return text === '' ? otherwise : text === 'true' || text === '1';
  }

  durationUs(name: string, otherwise: Micros): Micros {
    const text = this.text(name, '');
    if (text === '') return otherwise;
    const value = parseDuration(text);
    if (value !== undefined) return value;
    this.#complain(`${name}="${text}" is no duration; ${otherwise} µs are used`);
    return otherwise;
  }
}
