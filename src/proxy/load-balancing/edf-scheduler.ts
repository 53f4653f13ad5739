/**
 * Models earliest-deadline-first scheduling: weighted round robin with fractional weights.
 *
 * An entry's next deadline is the time of its pick plus 1 / weight; ties go to whoever was entered
 * first. Spec: https://en.wikipedia.org/wiki/Earliest_deadline_first_scheduling, Envoy's EdfScheduler.
 */

/** Envoy's own: keeps first deadlines of equal weights apart from later ones. */
const FIRST_WEIGHT_EPSILON = 1e-13;

/** More would cost precision. */
const PICKS_MAX = 429_496_729;

interface Entry<T> {
  deadline: number;
  order: number;
  readonly item: T;
}

export class EdfScheduler<T> {
  /** Binary heap by (deadline, order). */
  readonly #heap: Entry<T>[] = [];
  readonly #weightOf: (item: T) => number;
  #now = 0;
  #nextOrder = 0;

  /**
   * Weights must be positive. `picks` of the sequence are skipped, as if they had been made: that
   * lets schedulers that are built at the same time start at different places.
   */
  constructor(items: readonly T[], weightOf: (item: T) => number, picks = 0) {
    this.#weightOf = weightOf;
    const skip = picks % PICKS_MAX;
    const weights = items.map(weightOf);
    let total = 0;
    for (const weight of weights) total += weight;
    let skipped = 0;
    items.forEach((item, i) => {
      const weight = weights[i]!;
      const whole = Math.floor((weight * skip) / total);
      skipped += whole;
      if (whole > 0) this.#now = Math.max(this.#now, whole / weight);
      const deadline = (whole + 1) / (weight + FIRST_WEIGHT_EPSILON);
      this.#push({ deadline, order: this.#nextOrder++, item });
    });
    // Each entry lost less than one pick to rounding: at most items.length rounds.
    for (; skipped < skip && this.#heap.length > 0; skipped++) this.pick();
  }

  /** The next item; it is entered again with its weight of now. Undefined when there is none. */
  pick(): T | undefined {
    const top = this.#heap[0];
    if (!top) return undefined;
    this.#now = top.deadline;
    top.deadline = this.#now + 1 / this.#weightOf(top.item);
    top.order = this.#nextOrder++;
    this.#siftDown();
    return top.item;
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const entry = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return (
    one.deadline < other.deadline || (one.deadline === other.deadline && one.order < other.order)
  );
}
