/**
 * Models the streams of one connection by their number: one at a time in HTTP/1, many in HTTP/2.
 *
 * A Map that is emptied and filled again for each request shrinks and grows each time, which costs
 * more than all the rest a connection does; so a stream that is alone stands in two fields. Others
 * join it in a Map; order of iteration is the order of insertion, as in a Map.
 */
export class StreamMap<Stream> {
  #firstId = 0;
  #first: Stream | undefined = undefined;
  readonly #others = new Map<number, Stream>();

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + this.#others.size;
  }

  get(id: number): Stream | undefined {
    if (this.#first !== undefined && this.#firstId === id) return this.#first;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  set(id: number, stream: Stream): void {
    const replacesFirst = this.#first !== undefined && this.#firstId === id;
    if (replacesFirst || (this.#first === undefined && this.#others.size === 0)) {
      this.#firstId = id;
      this.#first = stream;
    } else this.#others.set(id, stream);
  }

  /** True when it was there. */
  delete(id: number): boolean {
    if (this.#first !== undefined && this.#firstId === id) {
      this.#first = undefined;
      return true;
    }
    return this.#others.size > 0 && this.#others.delete(id);
  }

  clear(): void {
    this.#first = undefined;
    this.#others.clear();
  }

  /** All of them, oldest first, in a list of their own: it may be walked while streams end. */
  all(): Stream[] {
    const others = [...this.#others.values()];
    return this.#first === undefined ? others : [this.#first, ...others];
  }
}
