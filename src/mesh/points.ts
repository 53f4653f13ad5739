/** Models the places a dot can be: the two halves of each pod, istiod, machines outside. */
import type { SocketOwner } from '../sim/network/namespace.ts';

/** Numbers for places, given in the order of first mention and never taken back. */
export class Points {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  get names(): readonly string[] {
    return this.#names;
  }

  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#numbers.set(name, number);
    this.#names.push(name);
    return number;
  }

  /** The half of a pod to which a socket belongs; outside machines have only one. */
  ofSocket(namespaceName: string, side: SocketOwner, hasHalves: boolean): number {
    if (!hasHalves) return this.number(namespaceName);
    return this.number(`${namespaceName}/${side === 'proxy' ? 'sidecar' : 'app'}`);
  }
}
