/**
 * Models the query of an admin request. A parameter without a value is set, too ("?usedonly").
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin
 */
import { regexOf } from '../matching/regex.ts';

export class AdminQuery {
  readonly #values: ReadonlyMap<string, string>;

  constructor(text: string) {
    const pairs = text.split('&').filter((pair) => pair !== '');
    this.#values = new Map(
      pairs.map((pair) => {
        const equals = pair.indexOf('=');
        return equals < 0
          ? [decoded(pair), '']
          : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
      }),
    );
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    return this.#values.get(name) ?? '';
  }

  /** Does the pattern under `name` match the whole text? Always, when there is none. */
  wholeMatch(name: string): (text: string) => boolean {
    const pattern = this.text(name);
    if (pattern === '') return () => true;
    const regex = regexOf(pattern);
    return (text) => regex.matches(text);
  }

  /** Is the pattern under `name` found in a text? Always, when there is none. */
  search(name: string): (text: string) => boolean {
    const pattern = this.text(name);
    if (pattern === '') return () => true;
    // Alone first: what is wrong with it is told without what is put around it.
    regexOf(pattern);
    const regex = regexOf(`(?s:.*)(?:${pattern})(?s:.*)`);
    return (text) => regex.matches(text);
  }
}

function decoded(text: string): string {
  const plain = text.replaceAll('+', ' ');
  return /%(?![0-9a-fA-F]{2})/.test(plain) ? plain : decodeURIComponent(plain);
}
