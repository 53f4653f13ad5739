import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, NO_TIMER, type TimerHandle } from '../../src/sim/event-queue.ts';

/** Runs everything and gives the order in which it happened. */
function drain(queue: EventQueue): void {
  while (queue.size > 0) queue.runNext();
}

const note = (happened: number[], id: number) => happened.push(id);

describe('the event queue', () => {
  it('runs events by time, and those of one time in the order they were scheduled', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 300 }), (times) => {
        const queue = new EventQueue();
        const happened: number[] = [];
        times.forEach((time, id) => queue.push(time, note, happened, id));
        drain(queue);
        const expected = times.map((_, id) => id).sort((a, b) => times[a]! - times[b]! || a - b);
        expect(happened).toEqual(expected);
      }),
    );
  });

  it('leaves out what was cancelled, and nothing else', () => {
    const event = fc.record({ time: fc.nat({ max: 20 }), isCancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        const queue = new EventQueue();
        const happened: number[] = [];
        const handles = events.map(({ time }, id) => queue.push(time, note, happened, id));
        events.forEach(({ isCancelled }, id) => {
          if (isCancelled) expect(queue.cancel(handles[id]!)).toBe(true);
        });
        drain(queue);
        const kept = events.map((_, id) => id).filter((id) => !events[id]!.isCancelled);
        expect(happened).toEqual(kept.sort((a, b) => events[a]!.time - events[b]!.time || a - b));
      }),
    );
  });

  it('answers a handle of the past with false, also when its slot is in use again', () => {
    const queue = new EventQueue();
    const happened: number[] = [];
    const first = queue.push(1, note, happened, 1);
    drain(queue);
    const second = queue.push(2, note, happened, 2);
    expect([queue.cancel(first), queue.cancel(NO_TIMER), queue.size]).toEqual([false, false, 1]);
    expect([queue.cancel(second), queue.cancel(second), queue.size]).toEqual([true, false, 0]);
  });

  it('keeps its order when it grows', () => {
    const queue = new EventQueue();
    const happened: number[] = [];
    for (let id = 0; id < 5_000; id++) queue.push((id * 7919) % 5_000, note, happened, id);
    const handles: TimerHandle[] = [];
    for (let id = 0; id < 3_000; id++) handles.push(queue.push(6_000, note, happened, -1));
    for (const handle of handles) queue.cancel(handle);
    drain(queue);
    expect(happened.map((id) => (id * 7919) % 5_000)).toEqual([...Array(5_000).keys()]);
  });

  it('has no next time when it is empty', () => {
    expect(new EventQueue().nextTime).toBe(Infinity);
  });
});
