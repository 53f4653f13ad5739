/**
 * Models the future: what will happen, ordered by (time, sequence number).
 *
 * A binary heap over typed arrays; an event is a slot (handler and two arguments) and the heap holds
 * slot numbers, so nothing is allocated for an event. Bound: 2^26 pending events.
 */
import type { Micros } from './time.ts';

export type Handler<A, B> = (a: A, b: B) => void;

/** Names one scheduled event; stays valid (and harmless) after the event has happened. */
export type TimerHandle = number & { readonly __timer: unique symbol };

/** A handle that names no event. */
export const NO_TIMER = -1 as TimerHandle;

const SLOTS_MAX = 67_108_864;
const INITIAL_SLOTS = 1024;

export class EventQueue {
  /** Heap of slots, ordered by (time, sequence) of the slot. */
  #heap = new Int32Array(INITIAL_SLOTS);
  #size = 0;
  #time = new Float64Array(INITIAL_SLOTS);
  #sequence = new Float64Array(INITIAL_SLOTS);
  /** Where in the heap a slot stands; -1 when it is free. */
  #position = new Int32Array(INITIAL_SLOTS).fill(-1);
  /** How often a slot was used: part of the handle, so that a stale handle cancels nothing. */
  #generation = new Float64Array(INITIAL_SLOTS);
  #handlers: (Handler<never, never> | undefined)[] = [];
  #firstArguments: unknown[] = [];
  #secondArguments: unknown[] = [];
  #free: number[] = [];
  #used = 0;
  #nextSequence = 0;

  get size(): number {
    return this.#size;
  }

  /** Time of the next event; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#time[this.#heap[0]!]!;
  }

  push<A, B>(time: Micros, handler: Handler<A, B>, a: A, b: B): TimerHandle {
    const slot = this.#free.pop() ?? this.#newSlot();
    this.#time[slot] = time;
    this.#sequence[slot] = this.#nextSequence++;
    this.#handlers[slot] = handler as Handler<never, never>;
    this.#firstArguments[slot] = a;
    this.#secondArguments[slot] = b;
    this.#siftUp(this.#size++, slot);
    return (this.#generation[slot]! * SLOTS_MAX + slot) as TimerHandle;
  }

  /** Takes an event back. False when it has already happened or was taken back before. */
  cancel(handle: TimerHandle): boolean {
    if (handle < 0) return false;
    const slot = handle % SLOTS_MAX;
    if (this.#generation[slot] !== (handle - slot) / SLOTS_MAX) return false;
    const position = this.#position[slot]!;
    if (position < 0) return false;
    this.#removeAt(position);
    this.#release(slot);
    return true;
  }

  /** Takes the next event out and calls its handler. The queue must not be empty. */
  runNext(): void {
    const slot = this.#heap[0]!;
    const handler = this.#handlers[slot] as Handler<unknown, unknown>;
    const a = this.#firstArguments[slot];
    const b = this.#secondArguments[slot];
    this.#removeAt(0);
    this.#release(slot);
    handler(a, b);
  }

  #removeAt(position: number): void {
    const last = this.#heap[--this.#size]!;
    if (position === this.#size) return;
    const parent = (position - 1) >> 1;
    if (position > 0 && this.#before(last, this.#heap[parent]!)) this.#siftUp(position, last);
    else this.#siftDown(position, last);
  }

  #release(slot: number): void {
    this.#position[slot] = -1;
    this.#generation[slot]! += 1;
    this.#handlers[slot] = undefined;
    this.#firstArguments[slot] = undefined;
    this.#secondArguments[slot] = undefined;
    this.#free.push(slot);
  }

  #before(one: number, other: number): boolean {
    const difference = this.#time[one]! - this.#time[other]!;
    return difference < 0 || (difference === 0 && this.#sequence[one]! < this.#sequence[other]!);
  }

  #siftUp(from: number, slot: number): void {
    const heap = this.#heap;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = heap[parent]!;
      if (!this.#before(slot, above)) break;
      heap[position] = above;
      this.#position[above] = position;
      position = parent;
    }
    heap[position] = slot;
    this.#position[slot] = position;
  }

  #siftDown(from: number, slot: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(heap[child + 1]!, heap[child]!)) child += 1;
      const below = heap[child]!;
      if (!this.#before(below, slot)) break;
      heap[position] = below;
      this.#position[below] = position;
      position = child;
    }
    heap[position] = slot;
    this.#position[slot] = position;
  }

  #newSlot(): number {
    if (this.#used === this.#heap.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const capacity = this.#heap.length * 2;
    if (capacity > SLOTS_MAX) throw new RangeError(`more than ${SLOTS_MAX} pending events`);
    const heap = new Int32Array(capacity);
    heap.set(this.#heap);
    this.#heap = heap;
    const position = new Int32Array(capacity).fill(-1);
    position.set(this.#position);
    this.#position = position;
    this.#time = widened(this.#time, capacity);
    this.#sequence = widened(this.#sequence, capacity);
    this.#generation = widened(this.#generation, capacity);
  }
}

function widened(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(capacity);
  wide.set(array);
  return wide;
}
