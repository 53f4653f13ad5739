import { describe, expect, it } from 'vitest';
import { faultRequest, FAULTS, targetsOf } from '../../src/app/faults/faults.ts';
import { tellStep, journeyText } from '../../src/app/journey/sentence.ts';
import { amountOf, fromDial, toDial, withAmount } from '../../src/app/load/dial.ts';
import { Keep } from '../../src/app/state/keep.ts';
import { gatherPins } from '../../src/app/time/pins.ts';
import { fill } from '../../src/app/words/catalogue.ts';
import en from '../../src/app/words/en.json' with { type: 'json' };
import type { Pin } from '../../src/protocol/frame.ts';
import { SCRIPTED_SCENE, scriptedJourney, scriptedTopology } from './scripted-run.ts';

const words = {
  find: (key: string, values?: Parameters<typeof fill>[1]) => {
    const sentence = (en as Record<string, string>)[key];
    return sentence === undefined ? undefined : fill(sentence, values);
  },
};

describe('what is kept on this machine', () => {
  it('lasts as long as the page where storage is refused, and says so once', async () => {
    let refused = 0;
    const keep = new Keep(() => (refused += 1));
    await keep.set('a', 'text');
    expect(await keep.get('a')).toBe('text');
    expect(await keep.get('b')).toBeUndefined();
    await keep.remove('a');
    expect(await keep.get('a')).toBeUndefined();
    expect(refused).toBe(1);
  });
});

describe('a journey told', () => {
  const journey = scriptedJourney(3);

  it('puts the resource into the sentence and marks what went wrong', () => {
    const missing = journey.steps.find(({ code }) => code === 'cluster-not-found');
    if (!missing) throw new Error('the script has such a step');
    expect(tellStep(missing, words)).toMatchObject({
      sentence: 'There is no cluster called outbound|9080|v9|reviews.default.svc.cluster.local.',
      tone: 'bad',
    });
  });

  it('leaves out names a step does not give', () => {
    const step = { timeUs: 0, at: 'a', code: 'route-not-matched', details: { why: 'headers' } };
    expect(tellStep(step, words).sentence).toBe('Route was passed over: a header does not fit.');
  });

  it('keeps the code where there is no sentence', () => {
    const step = { timeUs: 0, at: 'a', code: 'brand-new', details: { x: 1 } };
    expect(tellStep(step, words)).toMatchObject({ sentence: 'brand-new', rest: [['x', '1']] });
  });

  it('is copied as text with times and places', () => {
    const text = journeyText(journey, words);
    expect(text).toContain('GET http://reviews:9080/reviews/0  503 NC');
    expect(text).toContain('0.060 ms');
    expect(text).toContain('(reviews.yaml:7)');
  });
});

describe('pins', () => {
  const pin = (timeUs: number, kind: Pin['kind']): Pin => ({ timeUs, kind, details: {} });

  it('that lie together become one, named after the gravest', () => {
    const groups = gatherPins(
      [pin(1e6, 'push'), pin(1.1e6, 'nack'), pin(20e6, 'push')],
      0,
      30e6,
      600,
    );
    expect(groups.map(({ kind, pins }) => [kind, pins.length])).toEqual([
      ['nack', 2],
      ['push', 1],
    ]);
  });

  it('stand at their share of the strip', () => {
    expect(gatherPins([pin(20e6, 'apply')], 5e6, 30e6, 600)[0]?.share).toBeCloseTo(0.5);
  });
});

describe('faults', () => {
  const ends = { target: 'a.default', otherEnd: 'b.default' };
  const form = (kind: string) => {
    const found = FAULTS.find((one) => one.kind === kind);
    if (!found) throw new Error(kind);
    return found;
  };

  it('are six', () => expect(FAULTS).toHaveLength(6));

  it.each([
    ['kill-pod', { kind: 'kill-pod', target: 'a.default' }],
    ['slow-pod', { kind: 'slow-pod', target: 'a.default', size: 800, forMs: 20_000 }],
    ['cut-link', { kind: 'cut-link', target: 'a.default -> b.default', forMs: 20_000 }],
    ['lose-istiod', { kind: 'lose-istiod', target: '', forMs: 20_000 }],
  ])('%s says what it strikes, how hard and how long', (kind, expected) => {
    expect(faultRequest(form(kind), ends, 0, 20)).toEqual(expected);
  });

  it('without seconds last until they are undone', () => {
    expect(faultRequest(form('slow-pod'), ends, 100, 0)).not.toHaveProperty('forMs');
  });

  it('strike pods, a zone, or istiod', () => {
    const topology = scriptedTopology();
    expect(targetsOf('kill-pod', topology)).toHaveLength(7);
    expect(targetsOf('partition-zone', topology)).toEqual(['zone-1', 'zone-2', 'zone-3']);
    expect(targetsOf('lose-istiod', topology)).toEqual([]);
  });
});

describe('the load dial', () => {
  it('comes back to where it was set', () => {
    for (const dial of [0, 10, 28, 55, 100])
      expect(toDial(fromDial(dial, 'open'), 'open')).toBe(dial);
  });

  it('changes the amount of a source and nothing else', () => {
    const source = SCRIPTED_SCENE.load[0];
    if (!source) throw new Error('the script has load');
    const louder = withAmount(source, 40);
    expect(amountOf(louder)).toBe(40);
    expect({ ...louder, model: source.model }).toEqual(source);
  });
});
