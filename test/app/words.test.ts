import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from '../../src/app/words/en.json' with { type: 'json' };
import hinglish from '../../src/app/words/hi-Latn.json' with { type: 'json' };
import { fill, guessLanguage } from '../../src/app/words/catalogue.ts';
import { clock, count, millis, percent, rate } from '../../src/app/words/numbers.ts';

const FLAGS =
  'LH UH UT LR UR UF UC UO NR DI FI RL UAEX RLSE DC URX SI IH DPE UMSDR RFCF NFCF DT UPE NC OM DF DO DR UDO';
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('the two catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(hinglish).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.keys(en))('fill the same names and numbers into "%s"', (key) => {
    const k = key as keyof typeof en;
    expect(placeholders(hinglish[k])).toEqual(placeholders(en[k]));
    expect(en[k].trim()).not.toBe('');
  });

  it('explain all thirty response flags', () => {
    const flags = FLAGS.split(' ');
    expect(flags).toHaveLength(30);
    expect(flags.filter((flag) => !(`flag.${flag}` in en))).toEqual([]);
  });

  it('have a sentence for each step a proxy can note', () => {
    const journal = fs.readFileSync('src/proxy/journal.ts', 'utf8');
    const union = /type JournalStepCode =([^;]+);/.exec(journal)?.[1] ?? '';
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => `step.${code}`);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((key) => !(key in en))).toEqual([]);
  });

  it('write without exclamation marks', () => {
    const loud = [...Object.values(en), ...Object.values(hinglish)].filter((s) => s.includes('!'));
    expect(loud).toEqual([]);
  });

  it('spell Hinglish one way', () => {
    const other = /\b(nahin|nai|kyu|hein|kaisay|main se|vapas|accha)\b/i;
    expect(Object.values(hinglish).filter((sentence) => other.test(sentence))).toEqual([]);
  });
});

describe('a sentence', () => {
  it('takes its names and leaves unknown ones as they are', () => {
    expect(fill('{a} of {b}', { a: 3 })).toBe('3 of {b}');
  });
});

describe('the first language', () => {
  it.each([
    ['', ['hi-IN'], 'hi-Latn'],
    ['', ['en-IN', 'en'], 'hi-Latn'],
    ['', ['mr'], 'hi-Latn'],
    ['', ['en-GB'], 'en'],
    ['', ['de', 'en'], 'en'],
    ['?lang=en', ['hi'], 'en'],
    ['?lang=hi-Latn', ['en-GB'], 'hi-Latn'],
  ])('of "%s" with %s is %s', (search, languages, expected) => {
    expect(guessLanguage(search, languages)).toBe(expected);
  });
});

describe('numbers', () => {
  it.each([
    [rate(38.24), '38.2'],
    [rate(250_000), '2,50,000'],
    [percent(1), '100 %'],
    [percent(0.99999), '99.9 %'],
    [percent(0.0001), '0.1 %'],
    [percent(0), '0 %'],
    [millis(0.05), '50 µs'],
    [millis(4.21), '4.2 ms'],
    [millis(312.4), '312 ms'],
    [millis(7012), '7.01 s'],
    [clock(31_204_000), '00:31.204'],
    [clock(3_600_000_000), '1:00:00.000'],
    [count(1_234_567), '12,34,567'],
  ])('%s is %s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});
