import { describe, expect, it } from 'vitest';
import { formatSelector, matchesSelector, parseSelector } from '../../src/kube/labels/selector.ts';
import { templateHash } from '../../src/kube/names/suffix.ts';

const LABELS = { app: 'web', tier: 'front' };

describe('a label selector', () => {
  it.each([
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app!=web', false],
    ['colour!=red', true],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['tier', true],
    ['!tier', false],
    ['', true],
  ])('%s', (text, matches) => {
    const parsed = parseSelector(text);
    if ('error' in parsed) throw new Error(parsed.error);
    expect(matchesSelector(parsed.selector, LABELS)).toBe(matches);
  });

  it('that is none is answered in words', () => {
    expect(parseSelector('app=web,=')).toEqual({
      error: "unable to parse requirement: found '='",
    });
  });

  it('prints as kubectl prints it', () => {
    expect(formatSelector({ matchLabels: LABELS })).toBe('app=web,tier=front');
    expect(formatSelector({ app: 'web' })).toBe('app=web');
    expect(formatSelector(undefined)).toBe('<none>');
    const matchExpressions = [{ key: 'a', operator: 'In' as const, values: ['b', 'c'] }];
    expect(formatSelector({ matchExpressions })).toBe('a in (b,c)');
  });
});

describe('a template’s hash', () => {
  it('uses Kubernetes’ letters and does not depend on the order of keys', () => {
    expect(templateHash({ a: 1, b: { c: 2, d: 3 } })).toBe(
      templateHash({ b: { d: 3, c: 2 }, a: 1 }),
    );
    expect(templateHash({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    expect(templateHash({ a: 1 })).not.toBe(templateHash({ a: 2 }));
  });
});
