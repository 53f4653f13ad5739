import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamMap } from '../../src/proxy/http/stream-map.ts';

const id = fc.integer({ min: 1, max: 5 });
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), id }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({ do: fc.constant('clear' as const), id }),
);

describe('the streams of a connection', () => {
  it('are found, counted and listed as in a Map, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const streams = new StreamMap<string>();
        const model = new Map<number, string>();
        steps.forEach((one, at) => {
          if (one.do === 'set') {
            streams.set(one.id, `s${at}`);
            model.set(one.id, `s${at}`);
          } else if (one.do === 'delete') expect(streams.delete(one.id)).toBe(model.delete(one.id));
          else {
            streams.clear();
            model.clear();
          }
          expect(streams.all()).toEqual([...model.values()]);
          expect(streams.size).toBe(model.size);
          expect(streams.get(one.id)).toBe(model.get(one.id));
        });
      }),
    );
  });
});
