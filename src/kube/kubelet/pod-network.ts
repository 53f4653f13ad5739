/**
 * Models the addresses of pods: 10.244.N.x on the N-th node.
 *
 * Spec: https://kubernetes.io/docs/concepts/cluster-administration/networking/. Simplified: an
 * address is used again only when all 253 of its block have been, then blocks from 10.245 are taken.
 */

const FIRST = 2;
const PER_BLOCK = 253;
/** 10.244 to 10.254: more pods than any run has. */
const BLOCKS = 11;

export class PodNetwork {
  readonly #nodes = new Map<string, { index: number; next: number }>();
  readonly #taken = new Set<string>();

  /** Nodes are numbered in the order in which they are made known. */
  addNode(node: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, { index: this.#nodes.size, next: 0 });
  }

  /** A free address on a node; `given` when the pod brings its own. */
  allocate(node: string, given: string | undefined): string {
    if (given) {
      this.#taken.add(given);
      return given;
    }
    this.addNode(node);
    const state = this.#nodes.get(node)!;
    const size = PER_BLOCK * BLOCKS;
    for (let tries = 0; tries < size; tries++) {
      const number = state.next;
      state.next = (state.next + 1) % size;
      const ip = `10.${244 + Math.floor(number / PER_BLOCK)}.${state.index}.${FIRST + (number % PER_BLOCK)}`;
      if (this.#taken.has(ip)) continue;
      this.#taken.add(ip);
      return ip;
    }
    throw new RangeError(`no pod address is left on ${node}`);
  }

  release(ip: string): void {
    this.#taken.delete(ip);
  }
}
